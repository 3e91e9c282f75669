// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.preflight;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The unix sockets between the containers of a pod. Each container is dumped by itself: of a connection between two that is one
 * half. They are put together again by their names (docs/adr/0031).
 *
 * @param sockets by inode
 */
record UnixSockets(Map<Long, UnixSocket> sockets, OpenFiles open) {
    private static final String REMEDY = ": connect over TCP on 127.0.0.1, which moves";

    static UnixSockets of(Stream<String> lines, OpenFiles open) {
        return new UnixSockets(
                lines.map(UnixSocket::parse)
                        .flatMap(Optional::stream)
                        .collect(Collectors.toMap(UnixSocket::inode, Function.identity(), (once, again) -> again)),
                open);
    }

    /** What cannot be moved, a sentence for each two containers. */
    List<String> problems() {
        return sockets.values().stream()
                .filter(socket -> !open.containers(socket.inode()).isEmpty())
                .flatMap(socket -> problems(socket).stream())
                .distinct()
                .sorted()
                .toList();
    }

    /** Containers with a datagram socket that has no file and is connected to one that has only an abstract name. */
    Set<String> abstractDatagrams() {
        return sockets.values().stream()
                .filter(socket -> socket.datagram() && !socket.hasFile())
                .filter(socket -> sockets.get(socket.peer()) instanceof UnixSocket peer && peer.isAbstract())
                .flatMap(socket -> open.containers(socket.inode()).stream())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private List<String> problems(UnixSocket socket) {
        List<String> problems = new ArrayList<>();
        Set<String> here = open.containers(socket.inode());
        if (here.size() > 1) {
            problems.add("containers " + String.join(" and ", here) + " have the same unix socket open" + at(socket)
                    + ", which could not be one after a move: do not pass sockets between containers");
            return problems;
        }
        if (socket.peer() != 0) {
            connected(here, socket).ifPresent(problems::add);
        }
        for (long client : socket.waiting()) {
            if (!open.containers(client).equals(here)) {
                problems.add("container " + name(here) + " has not accepted a connection" + at(socket) + " of "
                        + (client == 0 ? "a socket that is closed again" : name(open.containers(client)))
                        + ", which cannot be dumped: accept what connects");
            }
        }
        return problems;
    }

    private Optional<String> connected(Set<String> here, UnixSocket socket) {
        Set<String> there = open.containers(socket.peer());
        if (there.equals(here)) {
            return Optional.empty();
        }
        UnixSocket peer = sockets.get(socket.peer());
        String who = there.isEmpty()
                ? "container " + name(here) + " and none of the pod's"
                : "containers "
                        + Stream.concat(here.stream(), there.stream()).sorted().collect(Collectors.joining(" and "));
        who += " are connected by a " + (socket.datagram() ? "datagram" : "stream") + " unix socket";
        if (peer == null || there.isEmpty()) {
            return Optional.of(who + at(socket) + ", whose other end would not move with it" + REMEDY);
        }
        if (peer.name().isEmpty() && (socket.datagram() || socket.name().isEmpty())) {
            return Optional.of(who + " without a name, which cannot be found again: bind it to one");
        }
        if (socket.datagram() && peer.peer() != 0 && peer.peer() != socket.inode()) {
            return Optional.of(
                    who + at(peer)
                            + ", which is itself connected with another one, so that nothing can be sent to it: close one of them");
        }
        return Optional.empty();
    }

    private static String name(Set<String> containers) {
        return containers.isEmpty() ? "no container of the pod" : String.join(" and ", containers);
    }

    private static String at(UnixSocket socket) {
        return socket.name().isEmpty() ? "" : " (" + socket.name() + ")";
    }
}
