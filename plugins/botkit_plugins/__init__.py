"""The plugins that come with botkit, one file each."""
