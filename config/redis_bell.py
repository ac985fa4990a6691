"""The doorbell over Redis: Celery's own transport without its memory of rings that were taken and not yet answered.

A ring carries nothing, and the pulse looks every second: a ring that dies with its worker is missed by nobody. The memory did harm:
a worker whose broker went away while it was at work tried to give such rings back over a connection that was gone, and ended
(kombu 5.7.0, “'NoneType' object has no attribute 'hostname'” in restore_unacked; tests/stories/test_faults_of_the_broker.py).
"""

from __future__ import annotations

from kombu.transport import redis


class Channel(redis.Channel):
    ack_emulation = False
    do_restore = False


class Transport(redis.Transport):
    Channel = Channel
