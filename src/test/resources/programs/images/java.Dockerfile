# SPDX-License-Identifier: Apache-2.0
# The same packages as those of the sample `readings`, so that their layer is used again.
FROM debian:sid-slim
# slim images lack the folder that the JRE's alternatives link into
RUN mkdir -p /usr/share/man/man1 && export DEBIAN_FRONTEND=noninteractive && apt-get update \
 && apt-get install -y --no-install-recommends openjdk-25-jre-headless \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /usr/share/doc/* /usr/share/man/* /usr/share/locale/*
COPY . /programs
