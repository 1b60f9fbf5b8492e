"""The AJAX calls about files, links and photos (dossier 1, sections 11 and 12; dossier 3, sections 5.7 and 5.8)."""

from __future__ import annotations

from botkit.sandbox import attaching, uploads
from botkit.sandbox.calls import Answers, Call
from botkit.sandbox.engine import Engine
from botkit.sandbox.errors import BAD_PARAMETERS, Refusal
from botkit.sandbox.storage import Login
from botkit.sandbox.wire import Request, Response

_MOST_PHOTOS = 100


class MediaEndpoints:
    """Calls by path, to be offered beside the others."""

    def __init__(self, engine: Engine, answers: Answers) -> None:
        self._engine = engine
        self._answers = answers
        self.gets: dict[str, Call] = {"/mercury/attachments/photo": self._photo}
        self.posts: dict[str, Call] = {
            "/ajax/mercury/upload.php": self._upload,
            "/message_share_attachment/fromURI": self._scrape,
            "/mercury/attachments/photo": self._photo,
            "/ajax/messaging/attachments/sharedphotos.php": self._shared_photos,
        }

    def _upload(self, request: Request, login: Login) -> Response:
        return self._answers.ok(uploads.answer(self._engine, login.account, request))

    def _scrape(self, request: Request, login: Login) -> Response:
        return self._answers.ok(attaching.scraped(request.needed("uri")))

    def _photo(self, request: Request, login: Login) -> Response:
        jsmods = attaching.photo_redirect(self._engine, login.account, request.needed("photo_id"))
        return self._answers.ok(None, jsmods=jsmods)

    def _shared_photos(self, request: Request, login: Login) -> Response:
        """First a page of ids, then with `image_id` one photo's details."""
        thread_id = request.needed("thread_id")
        photos = attaching.photos_of(self._engine, login.account, thread_id)
        if image_id := request.fields.get("image_id"):
            found = next((photo for photo in photos if photo.id == image_id), None)
            if found is None:
                raise Refusal(BAD_PARAMETERS, "There is no such photo in this thread.")
            return self._answers.ok(None, jsmods=attaching.photo_details(thread_id, found))
        offset, limit = (request.whole(name) for name in ("offset", "limit"))
        page = photos[offset or 0 : (offset or 0) + (_MOST_PHOTOS if limit is None else limit)]
        return self._answers.ok({"imagesData": [{"fbid": photo.id} for photo in page]})
