// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameInputTest {
    private static FrameInput of(byte[] bytes) {
        return new FrameInput(new ByteArrayInputStream(bytes));
    }

    /** @param length as it is announced */
    private static byte[] frame(int length, FrameType type, int body) {
        return ByteBuffer.allocate(Integer.BYTES + 1 + body)
                .putInt(length)
                .put((byte) type.code())
                .array();
    }

    @Test
    void whatWasWrittenIsRead() throws IOException {
        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        FrameOutput out = new FrameOutput(wire, new RateLimit(0));
        out.write(FrameType.DONE, new Messages.Done(2, 7));
        out.send(FrameType.CANCEL, new Messages.Empty());

        FrameInput in = of(wire.toByteArray());
        assertThat(in.next(new byte[0]).expect(FrameType.DONE).json(Messages.Done.class))
                .isEqualTo(new Messages.Done(2, 7));
        assertThat(in.next(new byte[0]).type()).isEqualTo(FrameType.CANCEL);
        assertThat(out.bytes()).isEqualTo(wire.size());
    }

    @Test
    void fieldsThatAreNotKnownAreIgnored() throws IOException {
        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        new FrameOutput(wire, new RateLimit(0))
                .send(FrameType.DONE, Frame.JSON.readTree("{\"files\":1,\"bytes\":2,\"new\":3}"));

        assertThat(of(wire.toByteArray()).next(new byte[0]).json(Messages.Done.class))
                .isEqualTo(new Messages.Done(1, 2));
    }

    @Test
    void pingsAreNotSeen() throws IOException {
        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        FrameOutput out = new FrameOutput(wire, new RateLimit(0));
        out.send(FrameType.PING, new Messages.Empty());
        out.send(FrameType.PING, new Messages.Empty());
        out.send(FrameType.CANCEL, new Messages.Empty());

        assertThat(of(wire.toByteArray()).next(new byte[0]).type()).isEqualTo(FrameType.CANCEL);
    }

    @Test
    void theLargestFrameIsRead() throws IOException {
        Frame frame = of(frame(FrameInput.MAX_FRAME, FrameType.DATA, FrameInput.MAX_FRAME - 1))
                .next(new byte[10]);

        assertThat(frame.body().remaining()).isEqualTo(FrameInput.MAX_FRAME - 1);
    }

    @ParameterizedTest
    @ValueSource(ints = {FrameInput.MAX_FRAME + 1, Integer.MAX_VALUE, 0, -1, Integer.MIN_VALUE})
    void noOtherLengthIsBelieved(int length) {
        assertThatThrownBy(() -> of(frame(length, FrameType.DATA, 0)).next(new byte[0]))
                .isInstanceOf(ProtocolException.class)
                .hasMessage("frame of " + length + " bytes");
    }

    @Test
    void halfAFrameIsTheEnd() {
        assertThatThrownBy(() -> of(frame(10, FrameType.DATA, 8)).next(new byte[0]))
                .isInstanceOf(EOFException.class);
    }

    @Test
    void anotherFrameThanExpectedIsRefused() throws IOException {
        Frame frame = of(frame(1, FrameType.CANCEL, 0)).next(new byte[0]);

        assertThatThrownBy(() -> frame.expect(FrameType.HELLO))
                .isInstanceOf(ProtocolException.class)
                .hasMessage("frame CANCEL where HELLO was expected");
    }
}
