"""How the web process serves: gunicorn --config python:config.gunicorn_settings config.wsgi:application

Source of the words: gunicorn's own settings page. Numbers come from the environment (docs/operating.md).
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

bind = f"{os.environ.get('ROLLCALL_BIND', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
worker_class = "gthread"
timeout = 60  # a page answers in a second; an upload of a gigabyte needs longer than gunicorn's 30
graceful_timeout = 30
keepalive = 5
max_requests = 20_000  # a slow leak in a library ends with the process
max_requests_jitter = 2_000
accesslog = None  # every request is a structured line already (django-structlog)
# The workers' sign of life is a file that is touched; on a disk that stalls, healthy workers would be killed.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else tempfile.gettempdir()  # noqa: S108  gunicorn makes an unnamed file in it
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1")
control_socket_disable = True  # a socket in the home folder, which two installations would share and a read-only image has not
