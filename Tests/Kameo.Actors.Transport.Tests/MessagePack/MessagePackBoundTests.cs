using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Transport.Tests.MessagePack;

/// <summary>How deep values may be nested, and how long one may be.</summary>
public sealed class MessagePackBoundTests
{
    [Fact]
    public void What_is_nested_too_deep_is_neither_read_nor_written()
    {
        byte[] deep = [.. Enumerable.Repeat((byte)0x91, MessagePackWriter.DepthMax), 0xc0]; // Arrays of one, then nil.
        new MessagePackReader(deep).Skip();
        Assert.Throws<MessagePackException>(() => new MessagePackReader([0x91, .. deep]).Skip());
        Assert.Throws<MessagePackException>(() => new MessagePackReader([.. Enumerable.Repeat((byte)0x91, 1_000_000)]).Skip()); // Not by the stack.

        var scratch = new ScratchBuffer(0, 1024);
        var writer = new MessagePackWriter(scratch);
        int depth = 0;
        try
        {
            while (true)
            {
                writer.EnterNested();
                depth++;
            }
        }
        catch (MessagePackException)
        {
            Assert.Equal(MessagePackWriter.DepthMax, depth);
        }
    }

    [Fact]
    public void What_is_longer_than_its_buffer_may_grow_is_refused()
    {
        var scratch = new ScratchBuffer(0, 4096);
        int written = 0;
        Assert.Throws<PayloadTooLargeException>(() =>
        {
            var writer = new MessagePackWriter(scratch);
            for (; written < 100; written++)
            {
                writer.WriteBinary(new byte[100]);
            }
        });
        Assert.Equal(4096 / 102, written);
    }
}
