using System.ComponentModel;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Serialization;

/// <summary>Writes, reads and copies values of one type, without an instance: implementations are empty structs that the compiler specialises on.</summary>
/// <typeparam name="T">The type.</typeparam>
[EditorBrowsable(EditorBrowsableState.Advanced)]
public interface IFormatter<T>
{
    /// <summary>Writes a value.</summary>
    static abstract void Encode(ref MessagePackWriter writer, T value);

    /// <summary>Reads a value.</summary>
    /// <exception cref="MessagePackException">The bytes are not one.</exception>
    static abstract T Decode(ref MessagePackReader reader);

    /// <summary>A copy that shares nothing mutable with the value: isolation of a local call.</summary>
    static abstract T Copy(T value);
}
