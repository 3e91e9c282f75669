// SPDX-License-Identifier: Apache-2.0
package dev.carovana.e2e;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** The users of one test, each with an instance that goes when the test has ended. */
final class GatewayUsers implements AfterEachCallback {
    private final List<String> started = new ArrayList<>();

    /** Somebody new, whose instance starts at the site where they are. */
    GatewayUser user(String name, String site) {
        GatewayUser user = new GatewayUser(name + "-" + System.nanoTime(), site);
        started.add(user.instance().getMetadata().getName());
        return user;
    }

    @Override
    public void afterEach(ExtensionContext context) {
        started.forEach(Instances::delete);
        started.clear();
    }
}
