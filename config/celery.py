"""The Celery app: queues by urgency, and beat that only ticks.

A message carries no arguments and no data; it only rings. What is to be done stands in rows, and a lost, doubled or late
message changes nothing but the latency.
"""

from __future__ import annotations

import os

from celery import Celery
from django.conf import settings
from kombu.entity import Exchange, Queue
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
TRANSPORT_ALIASES["safefs"] = "config.safefs:Transport"
for scheme in ("redis", "rediss"):
    TRANSPORT_ALIASES[scheme] = "config.redis_bell:Transport"

app = Celery("rollcall")
app.config_from_object("django.conf:settings", namespace="CELERY")
# Each with a key of its own: Celery gives queues without one the default queue's key, and every message would reach all three.
app.conf.task_queues = [
    Queue(name, Exchange("rollcall"), routing_key=name)  # type: ignore[no-untyped-call]
    for name in ("urgent", "default", "bulk")
]
app.autodiscover_tasks(["syncjobs"])
app.conf.beat_scheduler = "config.health.ticking:TickingScheduler"
app.conf.beat_schedule = {
    "tick": {"task": "syncjobs.tick", "schedule": 15.0, "options": {"queue": "urgent", "expires": 30}},
}
if not settings.REDIS_URL:  # safefs has no fanout, and one worker process has nobody to talk to
    app.conf.worker_enable_remote_control = False
app.steps["worker"].add("config.pulse:PulseStep")  # by name: it needs the tables, and they need this module first
