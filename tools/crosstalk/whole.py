# SPDX-License-Identifier: GPL-2.0-or-later
"""A file that is there whole or not at all: what was there before stays."""


def write(path, text):
    """OSError, with its name: it cannot be written, and nothing has changed."""
    new = path.with_name(path.name + ".new")
    try:
        new.write_text(text, encoding="utf-8")
        new.rename(path)
    except OSError as error:
        new.unlink(missing_ok=True)
        raise OSError(error.errno, error.strerror, str(path)) from None
