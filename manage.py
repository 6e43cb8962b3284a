#!/usr/bin/env python
"""The command line of the studio: `python manage.py up` starts everything on this machine."""

from __future__ import annotations

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        # A setting that somebody can put right; where it was read from helps nobody.
        sys.exit(f"{error}")


if __name__ == "__main__":
    main()
