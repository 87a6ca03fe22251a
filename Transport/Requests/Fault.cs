using System.Diagnostics.CodeAnalysis;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Transport.Requests;

/// <summary>The payload of a fault frame: what went wrong at the callee, as text and a code. An array: code, type name, message, stack, data, cause; what is missing at its end is empty.</summary>
/// <remarks>Nothing in it is ever used to construct a type by name: whoever knows a formatter for <paramref name="TypeName"/> may read <see cref="Data"/> with it, everyone else has the text.</remarks>
/// <param name="Code">What went wrong.</param>
/// <param name="TypeName">The full name of the exception's type, or empty.</param>
/// <param name="Message">A sentence for people.</param>
/// <param name="StackTrace">The remote stack, or empty.</param>
internal readonly record struct Fault(FaultCode Code, string TypeName, string Message, string StackTrace)
{
    /// <summary>Longest text that travels in one field, in UTF-16 units; longer ones are cut. Keeps a fault within one ring frame.</summary>
    public const int TextLengthMax = 8 * 1024;

    /// <summary>Longest text in one field of a cause.</summary>
    public const int CauseTextLengthMax = 1024;

    /// <summary>How many causes, one inside of the other, a fault names; those behind are left out.</summary>
    public const int CausesMax = 4;

    /// <summary>Most bytes of <see cref="Data"/>: half the frame of an answer. An exception that needs more travels as text.</summary>
    public const int DataBytesMax = 8 * 1024;

    /// <summary>A fault of the framework, without an exception behind it.</summary>
    public Fault(FaultCode code, string message)
        : this(code, string.Empty, message, string.Empty)
    {
    }

    /// <summary>What the exception holds, by the formatter of its type; empty for one that has none.</summary>
    public ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>What the exception came of; null for nothing.</summary>
    public FaultCause? Cause { get; init; }

    /// <summary>The fault of an exception thrown by user code.</summary>
    /// <param name="code">What went wrong.</param>
    /// <param name="exception">The exception.</param>
    /// <param name="describe">Gives the name and the data of an exception whose type has a formatter; no data for any other. Null: none has.</param>
    public static Fault Of(FaultCode code, Exception exception, DescribeException? describe = null) => Of(code, exception, describe, CausesMax, TextLengthMax);

    /// <summary>Writes the payload.</summary>
    public void Encode(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(Cause is not null ? 6 : Data.IsEmpty ? 4 : 5);
        writer.Write((byte)Code);
        writer.WriteString(Cut(TypeName, TextLengthMax));
        writer.WriteString(Cut(Message, TextLengthMax));
        writer.WriteString(Cut(StackTrace, TextLengthMax));
        if (Cause is not null || !Data.IsEmpty)
        {
            writer.WriteBinary(Data.Span);
        }

        Cause?.Fault.Encode(ref writer);
    }

    /// <summary>Reads the payload. What it holds is copied.</summary>
    /// <exception cref="MessagePackException">It is malformed.</exception>
    public static Fault Decode(ref MessagePackReader reader) => Decode(ref reader, CausesMax);

    private static Fault Of(FaultCode code, Exception exception, DescribeException? describe, int causesMax, int textLengthMax)
    {
        (string name, ReadOnlyMemory<byte> data) = describe?.Invoke(exception) ?? (NameOf(exception), default);
        return new Fault(code, Cut(name, textLengthMax), Cut(Read(exception, static thrown => thrown.Message), textLengthMax), Cut(Read(exception, static thrown => thrown.StackTrace), textLengthMax))
        {
            Data = data,
            Cause = exception.InnerException is { } inner && causesMax != 0 ? new FaultCause(Of(code, inner, describe, causesMax - 1, CauseTextLengthMax)) : null,
        };
    }

    private static Fault Decode(ref MessagePackReader reader, int causesMax)
    {
        int count = reader.ReadArrayHeader();
        var code = (FaultCode)(count > 0 ? reader.ReadByte() : 0);
        string type = count > 1 ? reader.ReadString() ?? string.Empty : string.Empty;
        string message = count > 2 ? reader.ReadString() ?? string.Empty : string.Empty;
        string stack = count > 3 ? reader.ReadString() ?? string.Empty : string.Empty;
        ReadOnlySpan<byte> data = count > 4 ? reader.ReadBinary() : default;
        FaultCause? cause = null;
        for (int field = 5; field < count; field++)
        {
            if (field == 5 && causesMax != 0)
            {
                cause = new FaultCause(Decode(ref reader, causesMax - 1));
            }
            else
            {
                reader.Skip();
            }
        }

        return new Fault(code, type, message, stack) { Data = data.IsEmpty ? default(ReadOnlyMemory<byte>) : data.ToArray(), Cause = cause };
    }

    /// <summary>What an exception says of itself: code that may be its author's, and fail.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "Whatever a property of an exception throws, its caller is told of the exception.")]
    private static string Read(Exception exception, Func<Exception, string?> property)
    {
        try
        {
            return property(exception) ?? string.Empty;
        }
        catch (Exception thrown)
        {
            return $"(not known: reading it threw {NameOf(thrown)})";
        }
    }

    private static string NameOf(Exception exception) => exception.GetType().FullName ?? exception.GetType().Name;

    private static string Cut(string text, int lengthMax) => text.Length <= lengthMax ? text : string.Concat(text.AsSpan(0, lengthMax - 1), "…");
}

/// <summary>What an exception came of: its inner exception, as a fault of its own.</summary>
/// <param name="Fault">The fault.</param>
internal sealed record FaultCause(Fault Fault);

/// <summary>The name and the data of an exception whose type has a formatter; null for any other.</summary>
internal delegate (string TypeName, ReadOnlyMemory<byte> Data)? DescribeException(Exception exception);
