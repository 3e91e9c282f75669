# SPDX-License-Identifier: Apache-2.0
# One image for all roles; `carovana.role` chooses. Build the application first: make build
FROM debian:sid-slim
# slim images lack the folder that the JRE's alternatives link into
RUN mkdir -p /usr/share/man/man1 && export DEBIAN_FRONTEND=noninteractive && apt-get update \
 && apt-get install -y --no-install-recommends openjdk-25-jre-headless nftables iproute2 util-linux tar attr acl zstd \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /usr/share/doc/* /usr/share/man/*
WORKDIR /opt/carovana
# libraries change seldom and the application often: two layers
COPY target/quarkus-app/lib /opt/carovana/app/lib
COPY target/carovana-runc bin/carovana bin/start /opt/carovana/bin/
RUN ln -s /opt/carovana/bin/carovana /usr/bin/carovana
COPY target/quarkus-app/quarkus /opt/carovana/app/quarkus
COPY target/quarkus-app/app /opt/carovana/app/app
COPY target/quarkus-app/quarkus-run.jar /opt/carovana/app/quarkus-run.jar
ENV JAVA_OPTS="-XX:+UseSerialGC -XX:MaxRAMPercentage=60"
EXPOSE 8080 9443 9444
ENTRYPOINT ["/opt/carovana/bin/start"]
