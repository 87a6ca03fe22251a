using Kameo.Actors.Transport.MessagePack;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Transport.Tests.Frames;

/// <summary>What went wrong at the callee, on the wire: with what the exception holds and what it came of, within bounds at both ends.</summary>
public sealed class FaultTests
{
    [Fact]
    public void What_an_exception_holds_and_came_of_arrives_as_it_was()
    {
        Fault sent = Fault.Of(FaultCode.Exception, new InvalidOperationException("outer", new TimeoutException("inner")), static one => one is TimeoutException ? ("T", new byte[] { 1, 2, 3 }) : null);
        Fault got = Decode(Encode(sent));
        Assert.Equal((typeof(InvalidOperationException).FullName, "outer"), (got.TypeName, got.Message));
        Assert.True(got.Data.IsEmpty);
        Assert.Equal(("T", "inner"), (got.Cause!.Fault.TypeName, got.Cause.Fault.Message));
        Assert.Equal([1, 2, 3], got.Cause.Fault.Data.ToArray());
        Assert.Null(got.Cause.Fault.Cause);
    }

    [Fact]
    public void Causes_beyond_the_bound_are_left_out_by_who_sends()
    {
        Exception chain = new TimeoutException("0");
        for (int index = 1; index < 10; index++)
        {
            chain = new InvalidOperationException($"{index}" + new string('x', 2 * Fault.CauseTextLengthMax), chain);
        }

        Fault fault = Fault.Of(FaultCode.Exception, chain);
        Assert.Equal(Fault.CausesMax, CausesOf(fault));
        Assert.Equal(2 * Fault.CauseTextLengthMax + 1, fault.Message.Length);
        Assert.Equal(Fault.CauseTextLengthMax, fault.Cause!.Fault.Message.Length);
    }

    [Fact]
    public void Causes_beyond_the_bound_are_passed_over_by_who_reads()
    {
        var fault = new Fault(FaultCode.Exception, "T", "m", "s");
        for (int index = 0; index < 10; index++)
        {
            fault = fault with { Cause = new FaultCause(fault) };
        }

        Assert.Equal(Fault.CausesMax, CausesOf(Decode(Encode(fault))));
    }

    [Fact]
    public void Fields_that_a_later_build_adds_are_passed_over_and_missing_ones_are_empty()
    {
        var scratch = new ScratchBuffer(0, 1024);
        var writer = new MessagePackWriter(scratch);
        writer.WriteArrayHeader(8);
        new Fault(FaultCode.Overloaded, "m").Encode(ref writer);
        byte[] of4 = scratch.WrittenSpan[1..].ToArray();
        byte[] of8 = [(byte)(of4[0] + 4), .. of4[1..], 0xC4, 0x01, 0x07, 0x94, 0x00, 0xA0, 0xA1, (byte)'c', 0xA0, 0x91, 0x01, 0xC0];
        Fault fault = Decode(of8);
        Assert.Equal((FaultCode.Overloaded, "m"), (fault.Code, fault.Message));
        Assert.Equal([7], fault.Data.ToArray());
        Assert.Equal("c", fault.Cause!.Fault.Message);
        Assert.Equal(new Fault(FaultCode.Overloaded, "m"), Decode(of4));
        Assert.Equal(FaultCode.Overloaded, Decode([0x91, of4[1]]).Code);
    }

    private static int CausesOf(Fault fault)
    {
        int count = 0;
        for (; fault.Cause is { } cause; fault = cause.Fault)
        {
            count++;
        }

        return count;
    }

    private static byte[] Encode(Fault fault)
    {
        var scratch = new ScratchBuffer(0, 1024 * 1024);
        var writer = new MessagePackWriter(scratch);
        fault.Encode(ref writer);
        return scratch.WrittenSpan.ToArray();
    }

    private static Fault Decode(byte[] bytes)
    {
        var reader = new MessagePackReader(bytes);
        return Fault.Decode(ref reader);
    }
}
