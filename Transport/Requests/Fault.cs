using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Transport.Requests;

/// <summary>The payload of a fault frame: what went wrong at the callee, as text and a code. Nothing in it is ever used to construct a type by name.</summary>
/// <param name="Code">What went wrong.</param>
/// <param name="TypeName">The full name of the exception's type, or empty.</param>
/// <param name="Message">A sentence for people.</param>
/// <param name="StackTrace">The remote stack, or empty.</param>
internal readonly record struct Fault(FaultCode Code, string TypeName, string Message, string StackTrace)
{
    /// <summary>Longest text that travels in one field, in UTF-16 units; longer ones are cut. Keeps a fault within one ring frame.</summary>
    public const int TextLengthMax = 8 * 1024;

    /// <summary>A fault of the framework, without an exception behind it.</summary>
    public Fault(FaultCode code, string message)
        : this(code, string.Empty, message, string.Empty)
    {
    }

    /// <summary>The fault of an exception thrown by user code.</summary>
    public static Fault Of(FaultCode code, Exception exception) =>
        new(code, exception.GetType().FullName ?? exception.GetType().Name, exception.Message, exception.StackTrace ?? string.Empty);

    /// <summary>Writes the payload.</summary>
    public void Encode(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(4);
        writer.Write((byte)Code);
        writer.WriteString(Cut(TypeName));
        writer.WriteString(Cut(Message));
        writer.WriteString(Cut(StackTrace));
    }

    /// <summary>Reads the payload.</summary>
    /// <exception cref="MessagePackException">It is malformed.</exception>
    public static Fault Decode(ref MessagePackReader reader)
    {
        int count = reader.ReadArrayHeader();
        var code = (FaultCode)(count > 0 ? reader.ReadByte() : 0);
        string type = count > 1 ? reader.ReadString() ?? string.Empty : string.Empty;
        string message = count > 2 ? reader.ReadString() ?? string.Empty : string.Empty;
        string stack = count > 3 ? reader.ReadString() ?? string.Empty : string.Empty;
        return new Fault(code, type, message, stack);
    }

    private static string Cut(string text) => text.Length <= TextLengthMax ? text : string.Concat(text.AsSpan(0, TextLengthMax - 1), "…");
}
