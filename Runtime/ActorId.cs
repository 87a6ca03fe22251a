using System.Buffers.Binary;
using System.Text;
using Kameo.Actors.Calls;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors;

/// <summary>Which actor: the wire name of its class and its key. Unique in a cluster.</summary>
/// <param name="ClassName">The wire name of the class: its full name or its alias.</param>
/// <param name="Key">The key.</param>
public readonly record struct ActorId(string ClassName, ActorKey Key)
{
    /// <summary>Most bytes of a class name in UTF-8.</summary>
    public const int ClassNameBytesMax = 240;

    /// <summary>The id that a reference stands for.</summary>
    /// <exception cref="ArgumentException">The object is no reference to an actor.</exception>
    /// <exception cref="InvalidOperationException">No node that is known hosts a class with that interface yet.</exception>
    public static ActorId Of(object reference) =>
        reference is ActorReference actor ? actor.ResolveId() : throw new ArgumentException("The object is no reference to an actor.", nameof(reference));

    /// <summary>For people: class and key.</summary>
    public override string ToString() => ClassName is null ? "an actor" : $"{ClassName}/{Key}";

    /// <summary>The id on the wire: space, key kind, length of the class name in two bytes, class name, key.</summary>
    internal OutboundTarget ToTarget()
    {
        Span<byte> bytes = stackalloc byte[WireId.BytesMax];
        return new OutboundTarget(bytes[..Write(bytes)]);
    }

    /// <summary>Writes the id as it is on the wire.</summary>
    /// <param name="bytes">As many as an id may have.</param>
    /// <returns>How many it has.</returns>
    internal int Write(Span<byte> bytes)
    {
        int begun = WriteClass(ClassName, Key.Kind, bytes);
        return begun + Key.Write(bytes[begun..]);
    }

    /// <summary>Writes what all ids of a class and a kind of key begin with.</summary>
    /// <returns>How many bytes that are.</returns>
    internal static int WriteClass(string className, ActorKeyKind kind, Span<byte> bytes)
    {
        int name = Encoding.UTF8.GetByteCount(className);
        if (name > ClassNameBytesMax)
        {
            throw new ArgumentException($"The wire name of the class '{className}' has {name} bytes; at most {ClassNameBytesMax} are allowed: give it an alias.");
        }

        bytes[0] = IdSpace.Actor;
        bytes[1] = (byte)kind;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[2..], (ushort)name);
        Encoding.UTF8.GetBytes(className, bytes[4..]);
        return 4 + name;
    }

    /// <summary>Reads an id from the wire.</summary>
    /// <returns>False if it is malformed.</returns>
    internal static bool TryRead(ReadOnlySpan<byte> bytes, out ActorId id)
    {
        id = default;
        if (bytes.Length < 5 || bytes[0] != IdSpace.Actor)
        {
            return false;
        }

        int name = BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]);
        if (name is 0 or > ClassNameBytesMax || bytes.Length < 4 + name || !ActorKey.TryRead((ActorKeyKind)bytes[1], bytes[(4 + name)..], out ActorKey key))
        {
            return false;
        }

        id = new ActorId(Encoding.UTF8.GetString(bytes.Slice(4, name)), key);
        return true;
    }
}
