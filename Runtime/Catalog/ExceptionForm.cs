using System.ComponentModel;
using Kameo.Actors.Serialization;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Catalog;

/// <summary>An exception class that travels as itself. Made by generated code.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class ExceptionForm
{
    private protected ExceptionForm(Type type, string name)
    {
        Type = type;
        Name = name;
    }

    /// <summary>The class.</summary>
    public Type Type { get; }

    /// <summary>Its name on the wire.</summary>
    public string Name { get; }

    /// <summary>Writes what an exception of exactly this class holds.</summary>
    internal abstract void Encode(ref MessagePackWriter writer, Exception exception);

    /// <summary>Makes one of what was written.</summary>
    internal abstract Exception Decode(ref MessagePackReader reader);
}

/// <summary>An exception class that travels as itself, with its formatter.</summary>
/// <typeparam name="T">The class.</typeparam>
/// <typeparam name="TFormatter">Its formatter.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class ExceptionForm<T, TFormatter> : ExceptionForm
    where T : Exception
    where TFormatter : IFormatter<T>
{
    /// <summary>Makes it.</summary>
    public ExceptionForm(string name)
        : base(typeof(T), name)
    {
    }

    internal override void Encode(ref MessagePackWriter writer, Exception exception) => TFormatter.Encode(ref writer, (T)exception);

    internal override Exception Decode(ref MessagePackReader reader) => TFormatter.Decode(ref reader);
}
