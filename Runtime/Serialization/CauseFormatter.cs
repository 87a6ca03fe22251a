using System.ComponentModel;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Serialization;

/// <summary>Where an exception that travels takes its inner exception: this goes its own way, as a part of the fault, and is there before what it belongs to is made.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct CauseFormatter : IFormatter<Exception>
{
    /// <summary>The inner exception of what this thread decodes.</summary>
    [ThreadStatic]
    private static Exception? t_cause;

    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, Exception value) => writer.WriteNil();

    /// <inheritdoc/>
    public static Exception Decode(ref MessagePackReader reader)
    {
        reader.Skip();
        return t_cause!;
    }

    /// <inheritdoc/>
    public static Exception Copy(Exception value) => value;

    /// <summary>Says what the inner exception is of what this thread decodes, until disposed.</summary>
    internal static Scope Enter(Exception? cause) => new(cause);

    /// <summary>While it lives, exceptions that this thread decodes have its inner exception.</summary>
    internal readonly ref struct Scope
    {
        private readonly Exception? _before;

        public Scope(Exception? cause)
        {
            _before = t_cause;
            t_cause = cause;
        }

        public void Dispose() => t_cause = _before;
    }
}
