using Kameo.Actors.Deadlocks;
using Kameo.Actors.Transport;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Tests.Deadlocks;

/// <summary>A question about a call chain and its answer are read as they were written, and nothing else is.</summary>
public sealed class ChainMessageTests
{
    private static readonly ActorId s_actor = new("Some.Class", ActorKey.Of("key"));

    [Fact]
    public void Each_is_read_as_it_was_written()
    {
        using SecretKey key = SecretKey.Generate();
        ChainMessage[] messages = [new(ulong.MaxValue, 7, s_actor, 32, key.Id), new(3, 0, default, 0, null)];
        Assert.All(messages, static message => Assert.Equal(message, Read(Bytes(message))));
    }

    [Fact]
    public void What_is_cut_off_is_refused()
    {
        using SecretKey key = SecretKey.Generate();
        byte[] whole = Bytes(new ChainMessage(1, 2, s_actor, 3, key.Id));
        for (int length = 0; length < whole.Length; length++)
        {
            Assert.Throws<MessagePackException>(() => Read(whole[..length]));
        }
    }

    [Fact]
    public void What_names_no_node_or_no_actor_is_refused()
    {
        Assert.Throws<MessagePackException>(static () => Read(Question([1, 2, 3], s_actor.ToTarget().Id)));
        Assert.Throws<MessagePackException>(static () => Read(Question(new byte[PeerId.Bytes], [])));
        Assert.Throws<MessagePackException>(static () => Read([0x90])); // An empty array.

        static byte[] Question(ReadOnlySpan<byte> node, ReadOnlySpan<byte> actor)
        {
            ScratchBuffer scratch = ScratchBuffer.Rent();
            var writer = new MessagePackWriter(scratch);
            writer.WriteArrayHeader(5);
            writer.Write(1ul);
            writer.WriteBinary(node);
            writer.Write(2ul);
            writer.WriteBinary(actor);
            writer.Write(3u);
            byte[] bytes = scratch.WrittenSpan.ToArray();
            ScratchBuffer.Return(scratch);
            return bytes;
        }
    }

    private static byte[] Bytes(ChainMessage message)
    {
        ScratchBuffer scratch = ScratchBuffer.Rent();
        var writer = new MessagePackWriter(scratch);
        message.Encode(ref writer);
        byte[] bytes = scratch.WrittenSpan.ToArray();
        ScratchBuffer.Return(scratch);
        return bytes;
    }

    private static ChainMessage Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new MessagePackReader(bytes);
        return ChainMessage.Decode(ref reader);
    }
}
