// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.files;

import dev.carovana.agent.runtime.PreparedCommand;
import dev.carovana.agent.transfer.Messages.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Reads a tree of a pod once it is frozen. The processes for it are started ahead, while the pod runs, and wait: to start
 * them costs more than they take for what most functions have in their files.
 */
public final class TreeReader implements AutoCloseable {
    private final Trees.Tree tree;
    private final Process tar;
    private final @Nullable PreparedCommand getfattr;
    private final Path output;

    private TreeReader(Trees.Tree tree, Process tar, @Nullable PreparedCommand getfattr, Path output) {
        this.tree = tree;
        this.tar = tar;
        this.getfattr = getfattr;
        this.output = output;
    }

    /** @param scratch a file that is not there yet, nor any whose name begins like it */
    public static TreeReader prepare(Trees.Tree tree, Path scratch) throws IOException {
        PreparedCommand getfattr = tree.kind() == Kind.LAYER ? LayerChanges.prepare(tree.path(), scratch) : null;
        return new TreeReader(tree, Tar.create(tree.path()), getfattr, scratch);
    }

    /**
     * Another one for the same tree, that may be used before or after.
     *
     * @param name no other one has
     */
    public TreeReader another(String name) throws IOException {
        return prepare(tree, output.resolveSibling(output.getFileName() + "." + name));
    }

    public Trees.Tree tree() {
        return tree;
    }

    /** Begins to read, and gives what {@link #stream} does not tell. */
    public LayerChanges go() throws IOException {
        LayerChanges changes = getfattr == null ? LayerChanges.NONE : LayerChanges.of(tree.path(), getfattr, output);
        Tar.omit(tar, changes.whiteouts());
        return changes;
    }

    /** The tree as tar tells it, to its end. */
    public InputStream stream() {
        return Tar.stream(tar);
    }

    /** Waits for the end, after the stream's. */
    public void finish() throws IOException {
        Tar.finishReading(tar);
    }

    /** Ends what was started, also in the middle. */
    @Override
    public void close() {
        if (getfattr != null) {
            getfattr.close();
        }
        tar.destroyForcibly();
    }
}
