using System.Diagnostics.CodeAnalysis;
using Kameo.Actors.Catalog;
using Kameo.Actors.Transport.MessagePack;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Errors;

/// <summary>From an exception that an actor threw to the fault that its caller gets; on a call within a node too, so that both see the same.</summary>
internal static class CalleeFault
{
    /// <summary>Room for writing what travels: a text takes up to three times its place until its length is known.</summary>
    private const int WorkBytesMax = 4 * Fault.DataBytesMax;

    private static readonly DescribeException s_describe = Describe;

    /// <summary>The fault: with what the exception holds, if its class says that it travels. What came from another actor as text, and was let through, is passed on as it came.</summary>
    public static Fault Of(FaultCode code, Exception exception) => exception is ActorFaultException passed ? passed.Fault with { Code = code } : Fault.Of(code, exception, s_describe);

    /// <summary>The name of a class that travels, and what the exception holds: nothing if that is too long or cannot be read.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "Whatever its author's code throws meanwhile, the caller is told of the exception as text.")]
    private static (string TypeName, ReadOnlyMemory<byte> Data)? Describe(Exception exception)
    {
        if (ActorCatalog.FindException(exception.GetType()) is not { } form)
        {
            return null;
        }

        var scratch = new ScratchBuffer(0, WorkBytesMax);
        try
        {
            var writer = new MessagePackWriter(scratch);
            form.Encode(ref writer, exception);
            return (form.Name, scratch.WrittenBytes <= Fault.DataBytesMax ? scratch.WrittenSpan.ToArray() : default(ReadOnlyMemory<byte>));
        }
        catch (Exception)
        {
            return (form.Name, default);
        }
    }
}
