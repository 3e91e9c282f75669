# SPDX-License-Identifier: Apache-2.0
FROM debian:sid-slim
RUN export DEBIAN_FRONTEND=noninteractive && apt-get update \
 && apt-get install -y --no-install-recommends nodejs nginx-light \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /usr/share/doc/* /usr/share/man/* /usr/share/locale/*
COPY . /programs
