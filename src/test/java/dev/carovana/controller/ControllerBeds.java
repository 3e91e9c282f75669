// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Gives each test class a bed that no other has at that time: as many are made as classes run at once. */
final class ControllerBeds implements BeforeAllCallback, AfterAllCallback, ParameterResolver {
    private static final ExtensionContext.Namespace KEY = ExtensionContext.Namespace.create(ControllerBeds.class);

    /** Those that nobody uses now. */
    private record Free(Queue<ControllerBed> beds) implements AutoCloseable {
        @Override
        public void close() {
            beds.forEach(ControllerBed::close);
        }
    }

    private static Queue<ControllerBed> free(ExtensionContext context) {
        return context.getRoot()
                .getStore(KEY)
                .computeIfAbsent(Free.class, key -> new Free(new ConcurrentLinkedQueue<>()), Free.class)
                .beds();
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        ControllerBed used = free(context).poll();
        if (used != null) {
            used.clear();
        }
        context.getStore(KEY).put(ControllerBed.class, used == null ? ControllerBed.open() : used);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        ControllerBed used = context.getStore(KEY).remove(ControllerBed.class, ControllerBed.class);
        if (used != null) {
            free(context).add(used);
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == ControllerBed.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getStore(KEY).get(ControllerBed.class);
    }
}
