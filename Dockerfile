# SPDX-License-Identifier: Apache-2.0
# One image for all roles; `carovana.role` chooses. Build the application first: make build
FROM debian:sid-slim AS criu
# CRIU for nodes that have none or an older one, with its libraries and their loader: it must not matter how old the node's are.
# The program says where its loader is; carovana-install puts the folder in, for which there must be room.
RUN export DEBIAN_FRONTEND=noninteractive && apt-get update && apt-get install -y --no-install-recommends criu patchelf \
 && mkdir /bundle && cp /usr/sbin/criu /bundle/ \
 && ldd /bundle/criu | sed -n 's/.*=> \(\/[^ ]*\) .*/\1/p' | xargs cp -L -t /bundle \
 && cp -L "$(patchelf --print-interpreter /bundle/criu)" /bundle/ld.so \
 && patchelf --force-rpath --set-rpath '$ORIGIN' --set-interpreter "/$(printf '%0127d' 0)" /bundle/criu

FROM debian:sid-slim
# slim images lack the folder that the JRE's alternatives link into
RUN mkdir -p /usr/share/man/man1 && export DEBIAN_FRONTEND=noninteractive && apt-get update \
 && apt-get install -y --no-install-recommends openjdk-25-jre-headless nftables iproute2 util-linux tar attr acl zstd \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /usr/share/doc/* /usr/share/man/*
WORKDIR /opt/carovana
# libraries change seldom and the application often: two layers
COPY target/quarkus-app/lib /opt/carovana/app/lib
COPY --from=criu /bundle /opt/carovana/criu
COPY target/carovana-runc target/carovana-install bin/carovana bin/start bin/install-node /opt/carovana/bin/
RUN ln -s /opt/carovana/bin/carovana /usr/bin/carovana
COPY target/quarkus-app/quarkus /opt/carovana/app/quarkus
COPY target/quarkus-app/app /opt/carovana/app/app
COPY target/quarkus-app/quarkus-run.jar /opt/carovana/app/quarkus-run.jar
# on the node, where the agent runs commands: the runc and the CRIU that carovana-install has found; the second folder is GKE's
ENV PATH=/opt/carovana/bin:/var/lib/toolbox/carovana/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
ENV JAVA_OPTS="-XX:+UseSerialGC -XX:MaxRAMPercentage=60"
EXPOSE 8080 9443 9444
ENTRYPOINT ["/opt/carovana/bin/start"]
