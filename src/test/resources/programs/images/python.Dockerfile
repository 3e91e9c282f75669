# SPDX-License-Identifier: Apache-2.0
# Python, and Go's, which need nothing. The same packages as the cart's, so that their layer is used again.
FROM debian:sid-slim
RUN export DEBIAN_FRONTEND=noninteractive && apt-get update \
 && apt-get install -y --no-install-recommends python3 redis-server \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /usr/share/doc/* /usr/share/man/* /usr/share/locale/*
# files for file-names.py to delete: layers of images may have any names too
RUN mkdir /names && cd /names && touch keep résumé "$(printf 'latin-\351')"
COPY . /programs
ENV PYTHONPATH=/programs PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
