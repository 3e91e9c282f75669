// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.proxy;

import static dev.carovana.gateway.proxy.GatewayBed.function;
import static dev.carovana.gateway.proxy.GatewayBed.instance;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.StringValue;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A function that speaks gRPC. */
@Timeout(60)
class GrpcIT {
    private static final MethodDescriptor<StringValue, StringValue> UPPER = method("Upper", MethodType.UNARY);
    private static final MethodDescriptor<StringValue, StringValue> TALK = method("Talk", MethodType.BIDI_STREAMING);

    @TempDir
    private static Path authority;

    private final GatewayBed a = new GatewayBed("edge-a", authority);
    private final GatewayBed b = new GatewayBed("edge-b", authority);
    private Server pod;
    private ManagedChannel channel;

    private static MethodDescriptor<StringValue, StringValue> method(String name, MethodType type) {
        return MethodDescriptor.<StringValue, StringValue>newBuilder()
                .setType(type)
                .setFullMethodName("test.Words/" + name)
                .setRequestMarshaller(ProtoUtils.marshaller(StringValue.getDefaultInstance()))
                .setResponseMarshaller(ProtoUtils.marshaller(StringValue.getDefaultInstance()))
                .build();
    }

    private static StringValue upper(StringValue word) {
        return StringValue.of(word.getValue().toUpperCase(java.util.Locale.ROOT));
    }

    private static void unary(StringValue word, StreamObserver<StringValue> answer) {
        if (word.getValue().isEmpty()) {
            answer.onError(Status.INVALID_ARGUMENT.withDescription("a word").asRuntimeException());
        } else {
            answer.onNext(upper(word));
            answer.onCompleted();
        }
    }

    private static StreamObserver<StringValue> talk(StreamObserver<StringValue> answer) {
        return observer(word -> answer.onNext(upper(word)), answer::onCompleted);
    }

    private static StreamObserver<StringValue> observer(
            java.util.function.Consumer<StringValue> each, Runnable completed) {
        return observer(each, completed, failure -> {});
    }

    private static StreamObserver<StringValue> observer(
            java.util.function.Consumer<StringValue> each,
            Runnable completed,
            java.util.function.Consumer<Throwable> failed) {
        return new StreamObserver<>() {
            @Override
            public void onNext(StringValue word) {
                each.accept(word);
            }

            @Override
            public void onError(Throwable failure) {
                failed.accept(failure);
            }

            @Override
            public void onCompleted() {
                completed.run();
            }
        };
    }

    @BeforeEach
    void start() throws IOException {
        pod = NettyServerBuilder.forPort(0)
                .addService(ServerServiceDefinition.builder("test.Words")
                        .addMethod(UPPER, ServerCalls.asyncUnaryCall(GrpcIT::unary))
                        .addMethod(TALK, ServerCalls.asyncBidiStreamingCall(GrpcIT::talk))
                        .build())
                .build()
                .start();
        Metadata user = new Metadata();
        user.put(Metadata.Key.of("x-carovana-user", Metadata.ASCII_STRING_MARSHALLER), "ann");
        channel = NettyChannelBuilder.forAddress("127.0.0.1", a.server.port())
                .overrideAuthority("words.example.org")
                .usePlaintext()
                .intercept(MetadataUtils.newAttachHeadersInterceptor(user))
                .build();
    }

    @AfterEach
    void stop() {
        channel.shutdownNow();
        a.close();
        b.close();
        pod.shutdownNow();
    }

    private void instanceAt(String site) {
        GatewayBed.introduce(a, b);
        for (GatewayBed gateway : new GatewayBed[] {a, b}) {
            gateway.know(function(pod.getPort()).setHttp2(true).addHosts("Words.example.org"), instance(site, 1));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"edge-a", "edge-b"})
    void callsAndTheirErrorsPass(String site) {
        instanceAt(site);

        StringValue answer = ClientCalls.blockingUnaryCall(channel, UPPER, CallOptions.DEFAULT, StringValue.of("word"));

        assertThat(answer.getValue()).isEqualTo("WORD");
        assertThatThrownBy(() -> ClientCalls.blockingUnaryCall(
                        channel, UPPER, CallOptions.DEFAULT, StringValue.getDefaultInstance()))
                .isInstanceOfSatisfying(StatusRuntimeException.class, why -> assertThat(why.getStatus())
                        .hasToString(Status.INVALID_ARGUMENT
                                .withDescription("a word")
                                .toString()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"edge-a", "edge-b"})
    void bothSidesTalkAtTheSameTime(String site) throws InterruptedException {
        instanceAt(site);
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        StreamObserver<StringValue> mouth = ClientCalls.asyncBidiStreamingCall(
                channel.newCall(TALK, CallOptions.DEFAULT),
                observer(word -> heard.add(word.getValue()), () -> heard.add("end")));

        for (String word : new String[] {"one", "two"}) {
            mouth.onNext(StringValue.of(word));
            assertThat(heard.poll(5, TimeUnit.SECONDS)).isEqualToIgnoringCase(word);
        }
        mouth.onCompleted();

        assertThat(heard.poll(5, TimeUnit.SECONDS)).isEqualTo("end");
    }

    @ParameterizedTest
    @ValueSource(strings = {"edge-a", "edge-b"})
    void whoTalksWhenTheInstanceIsToMoveMayCallAgain(String site) throws Exception {
        instanceAt(site);
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        CompletableFuture<Status> ended = new CompletableFuture<>();
        StreamObserver<StringValue> mouth = ClientCalls.asyncBidiStreamingCall(
                channel.newCall(TALK, CallOptions.DEFAULT),
                observer(
                        word -> heard.add(word.getValue()),
                        () -> ended.complete(Status.OK),
                        failure -> ended.complete(Status.fromThrowable(failure))));
        mouth.onNext(StringValue.of("one"));
        assertThat(heard.poll(5, TimeUnit.SECONDS)).isEqualTo("ONE");

        a.tell(instance(site, 1).setHold("m-1"));
        b.tell(instance(site, 1).setHold("m-1"));

        assertThat(ended.get(10, TimeUnit.SECONDS).getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        await().until(() -> !a.hub.drained.isEmpty() && !b.hub.drained.isEmpty());
    }
}
