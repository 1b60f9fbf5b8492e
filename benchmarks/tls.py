"""The TLS end as a process of its own: arguments are the folder of its certificate and the port behind it."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from tls_end import TlsEnd


async def _serve(certificates: Path, target: int) -> None:
    async with TlsEnd(certificates, target) as end:
        print(end.port, flush=True)
        await asyncio.Event().wait()


asyncio.run(_serve(Path(sys.argv[1]), int(sys.argv[2])))
