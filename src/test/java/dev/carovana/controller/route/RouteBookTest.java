// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.link.ConnectedGateways;
import dev.carovana.link.v1.FunctionRoute;
import dev.carovana.link.v1.InstanceRoute;
import dev.carovana.link.v1.ToGateway;
import dev.carovana.link.v1.ToGateway.BodyCase;
import java.util.List;
import org.junit.jupiter.api.Test;

class RouteBookTest {
    private static final FunctionRoute CART =
            FunctionRoute.newBuilder().setNamespace("functions").setName("cart").build();

    private final ConnectedGateways gateways = new ConnectedGateways();
    private final RouteBook book = new RouteBook(gateways.registry());

    private static InstanceRoute route(long epoch) {
        return InstanceRoute.newBuilder()
                .setNamespace("functions")
                .setInstance("cart-1")
                .setEpoch(epoch)
                .build();
    }

    private ConnectedGateways.Stream told(String name) {
        ConnectedGateways.Stream stream = gateways.connect("edge-a", name);
        book.tellAll(stream.gateway());
        return stream;
    }

    private static List<BodyCase> kinds(ConnectedGateways.Stream stream) {
        return stream.heard().stream().map(ToGateway::getBodyCase).toList();
    }

    @Test
    void aGatewayHearsAllOfItAndThenThatThisIsAll() {
        book.function(CART);
        book.instance("uid", route(1));
        book.instance("uid", route(2));

        ConnectedGateways.Stream one = told("one");

        assertThat(kinds(one)).containsExactly(BodyCase.FUNCTION, BodyCase.INSTANCE, BodyCase.PEERS, BodyCase.SYNCED);
        assertThat(one.heard().get(1).getInstance().getEpoch()).isEqualTo(2);
    }

    @Test
    void onlyWhatIsNewIsTold() {
        ConnectedGateways.Stream one = told("one");
        book.function(CART);
        book.function(CART);
        book.instance("uid", route(2));
        book.instance("uid", route(2));
        book.instance("uid", route(1));
        book.instanceGone("functions", "cart-1");
        book.instanceGone("functions", "cart-1");
        book.functionGone("functions", "cart");
        book.functionGone("functions", "cart");

        assertThat(kinds(one).subList(2, kinds(one).size()))
                .containsExactly(BodyCase.FUNCTION, BodyCase.INSTANCE, BodyCase.INSTANCE_GONE, BodyCase.FUNCTION_GONE);
    }

    @Test
    void anotherInstanceOfTheSameNameBeginsAnew() {
        ConnectedGateways.Stream one = told("one");
        book.instance("uid", route(5));
        book.instance("another", route(1));

        assertThat(kinds(one).subList(2, kinds(one).size()))
                .containsExactly(BodyCase.INSTANCE, BodyCase.INSTANCE_GONE, BodyCase.INSTANCE);
    }

    @Test
    void anOldStreamOfAGatewayHearsNothingMore() {
        ConnectedGateways.Stream old = told("one");
        ConnectedGateways.Stream young = told("one");
        int before = old.heard().size();
        book.gone(old.gateway());
        book.function(CART);

        assertThat(old.heard()).hasSize(before);
        assertThat(kinds(young)).endsWith(BodyCase.FUNCTION);
        book.gone(young.gateway());
        book.functionGone("functions", "cart");
        assertThat(kinds(young)).endsWith(BodyCase.FUNCTION);
    }
}
