// SPDX-License-Identifier: Apache-2.0
package dev.carovana.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

/** Makes a message of an answer in the form of RFC 9457. */
final class Problems {
    private static final int LONGEST = 500;

    private Problems() {}

    static Failure refused(int status, String body) {
        JsonNode problem;
        try {
            problem = JsonMapper.builder().build().readTree(body);
        } catch (JsonProcessingException e) {
            problem = null;
        }
        if (problem == null || !problem.has("title")) {
            String text = body.strip();
            return new Failure(
                    Failure.REFUSED,
                    "the server answered " + status + ", and not as Carovana does: "
                            + (text.length() > LONGEST ? text.substring(0, LONGEST) + "…" : text));
        }
        StringBuilder message = new StringBuilder(problem.path("title").asText())
                .append(": ")
                .append(problem.path("detail").asText());
        for (JsonNode error : problem.path("errors")) {
            message.append("\n  ").append(error.path("field").asText()).append(": ");
            if (error.has("value")) {
                message.append('\'').append(error.path("value").asText()).append("', expected ");
            }
            message.append(error.path("expected").asText());
        }
        return new Failure(Failure.REFUSED, message.toString());
    }
}
