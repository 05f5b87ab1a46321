"""`python -m benchmarks`: ratios of this machine at this moment; on a shared machine nothing else means anything."""

from __future__ import annotations

import asyncio
import os
import sys

from benchmarks import durable, graphql, pilots, publishing, steps, tenants

steps.compare()
tenants.compare()
sys.stdout.flush()
asyncio.run(publishing.compare())
sys.stdout.flush()
asyncio.run(pilots.measure(pilots.CASES))
sys.stdout.flush()
asyncio.run(graphql.compare())
sys.stdout.flush()
asyncio.run(durable.compare())
sys.stdout.flush()
os._exit(0)  # taking down the clients' threads may abort the interpreter (sdk-python#300)
