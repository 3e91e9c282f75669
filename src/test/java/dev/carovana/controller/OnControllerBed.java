// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test class that has a {@link ControllerBed} for itself while it runs. It shares nothing with others of its kind:
 * {@code tools/test} runs them side by side, and by the tag apart from all other tests.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Tag("controller")
@ExtendWith(ControllerBeds.class)
@interface OnControllerBed {}
