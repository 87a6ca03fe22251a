using System.Text;
using Kameo.Actors.Transport.MessagePack;
using Kameo.Actors.Transport.Names.Clients;

namespace Kameo.Actors.Transport.Tests.Names;

/// <summary>The bytes of what clients and members say to each other about names.</summary>
public sealed class NameOrderWireTests
{
    [Theory]
    [InlineData(NameOrderKind.Set, "a/b", RegistrationPriority.Immediate, "xy", 0, 0, "9601A3612F6201C40278790000")]
    [InlineData(NameOrderKind.Remove, "a", RegistrationPriority.Normal, "", 0, 0, "9602A16100C4000000")]
    [InlineData(NameOrderKind.AwaitVisible, "", RegistrationPriority.Normal, "", 300, 70_000, "9603A000C400CD012CCE00011170")]
    internal void An_order(NameOrderKind kind, string name, RegistrationPriority priority, string metadata, ulong version, uint milliseconds, string bytes)
    {
        var order = new NameOrder(kind, name, priority, Encoding.UTF8.GetBytes(metadata), version, milliseconds);
        var scratch = new ScratchBuffer(0, 4096);
        var writer = new MessagePackWriter(scratch);
        order.Encode(ref writer);
        Assert.Equal(bytes, Convert.ToHexString(scratch.WrittenSpan));
        NameOrder read = NameOrder.Decode(scratch.WrittenSpan);
        Assert.Equal((kind, name, priority, metadata, version, milliseconds), (read.Kind, read.Name, read.Priority, Encoding.UTF8.GetString(read.Metadata.Span), read.Version, read.Milliseconds));
    }

    [Theory]
    [InlineData(NameOrderOutcome.Done, 1, "920101")]
    [InlineData(NameOrderOutcome.NameTaken, 0, "920200")]
    [InlineData(NameOrderOutcome.UnknownVersion, 0, "920800")]
    internal void An_answer(NameOrderOutcome outcome, ulong version, string bytes)
    {
        var scratch = new ScratchBuffer(0, 4096);
        var writer = new MessagePackWriter(scratch);
        new NameOrderAnswer(outcome, version).Encode(ref writer);
        Assert.Equal(bytes, Convert.ToHexString(scratch.WrittenSpan));
        Assert.Equal(new NameOrderAnswer(outcome, version), NameOrderAnswer.Decode(scratch.WrittenSpan));
    }

    [Fact]
    public void Fields_of_a_later_version_are_passed_over()
    {
        NameOrder read = NameOrder.Decode(Convert.FromHexString("9702A16100C4000000" + "93010203"));
        Assert.Equal((NameOrderKind.Remove, "a"), (read.Kind, read.Name));
    }

    [Fact]
    public void What_is_too_long_is_refused_before_it_is_kept()
    {
        var scratch = new ScratchBuffer(0, 4096);
        var writer = new MessagePackWriter(scratch);
        new NameOrder(NameOrderKind.Set, "a", default, new byte[1025]).Encode(ref writer);
        Assert.Throws<MessagePackException>(() => NameOrder.Decode(scratch.WrittenSpan));
        scratch.Clear();
        writer = new MessagePackWriter(scratch);
        new NameOrder(NameOrderKind.Set, new string('x', 256), default, default).Encode(ref writer);
        Assert.Throws<MessagePackException>(() => NameOrder.Decode(scratch.WrittenSpan));
    }
}
