using Kameo.Actors.Context;
using Kameo.Actors.Serialization;
using Kameo.Actors.Testing;
using Kameo.Actors.Transport.Frames;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Tests.Calls;

/// <summary>Bytes that other builds read: they never change.</summary>
public sealed class WireBytesTests
{
    [Fact]
    public void A_request_context()
    {
        RequestContextValues values = RequestContextValues.Empty.With("k", 1);
        Assert.Equal("07-02-08-00-92-C0-81-A1-6B-92-08-01-00-00-00-00", BitConverter.ToString(values.Extension.ToArray()));
        values = RequestContextValues.Empty.With("t", "x").WithReentrancy(new Guid("00112233-4455-6677-8899-aabbccddeeff"));
        Assert.Equal(
            "07-04-1A-00-92-C4-10-00-11-22-33-44-55-66-77-88-99-AA-BB-CC-DD-EE-FF-81-A1-74-92-01-A1-78-00-00",
            BitConverter.ToString(values.Extension.ToArray()));
        Assert.True(ExtensionReader.TryFind(values.Extension, ExtensionTag.RequestContext, out ReadOnlySpan<byte> value));
        RequestContextValues read = RequestContextValues.Decode(value);
        Assert.Equal((values.ReentrancyId, "x"), (read.ReentrancyId, read.Find("t")));
        Assert.Equal(values.Extension.ToArray(), read.Extension.ToArray());
    }

    [Theory]
    [InlineData("C0")]
    [InlineData("91-C0")]
    [InlineData("92-C4-01-00-80")]
    [InlineData("92-C0-81-C0-92-01-A0")]
    [InlineData("92-C0-81-A1-6B-92-63-00")]
    [InlineData("92-C0-81-A1-6B-92-01-C0")]
    [InlineData("92-C0-DF-FF-FF-FF-FF")]
    public void A_request_context_that_is_none_is_refused(string bytes) =>
        Assert.Throws<MessagePackException>(() => RequestContextValues.Decode(Convert.FromHexString(bytes.Replace("-", string.Empty, StringComparison.Ordinal))));

    [Fact]
    public async Task References()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        ActorNode node = cluster.Nodes[0];
        byte[] name = System.Text.Encoding.UTF8.GetBytes(typeof(RoundActor).FullName!);
        byte[] interfaceName = System.Text.Encoding.UTF8.GetBytes(typeof(IRound).FullName!);
        Assert.Equal([0x93, 0xc0, 0xd9, (byte)name.Length, .. name, 0xc4, 2, 1, (byte)'k'], Encode(node.Get<IRound>("k")));
        Assert.Equal([0x93, (byte)(0xa0 | interfaceName.Length), .. interfaceName, 0xd9, (byte)name.Length, .. name, 0xc4, 2, 1, (byte)'k'], Encode<IShape>(node.Get<IRound>("k")));
        Assert.Equal([0x93, 0xc0, 0xc0, 0xc4, 2, 1, (byte)'k'], Encode(node.Get<IShape>("k"))); // Two classes have it.
        Assert.Equal([0xc0], Encode<IShape>(null!));
    }

    [Theory]
    [InlineData("90")]
    [InlineData("93-C0-C0-C4-00")]
    [InlineData("93-C0-C0-C4-02-09-6B")]
    [InlineData("93-C0-C0-C4-09-03-00-00-00-00-00-00-00-01")]
    [InlineData("93-C0-A0-C4-02-01-6B")]
    public async Task What_is_no_reference_is_refused(string bytes)
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        Assert.Throws<MessagePackException>(() =>
        {
            using var scope = new NodeScope(cluster.Nodes[0]);
            var reader = new MessagePackReader(Convert.FromHexString(bytes.Replace("-", string.Empty, StringComparison.Ordinal)));
            return ReferenceFormatter<IShape>.Decode(ref reader);
        });
    }

    private static byte[] Encode<T>(T value)
        where T : class
    {
        ScratchBuffer scratch = ScratchBuffer.Rent();
        try
        {
            var writer = new MessagePackWriter(scratch);
            ReferenceFormatter<T>.Encode(ref writer, value);
            return scratch.WrittenSpan.ToArray();
        }
        finally
        {
            ScratchBuffer.Return(scratch);
        }
    }
}
