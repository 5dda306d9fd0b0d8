"""``python -m annie`` is the ``annie`` command."""

from annie.cli import main

raise SystemExit(main())
