using System.Buffers.Binary;
using System.Text;
using Kameo.Actors.Calls;
using Kameo.Actors.Catalog;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Routing;

/// <summary>A method's id on the wire: space, schema hash of its interface (8 bytes), method id (4 bytes), interface name. Sent once per connection, then a number.</summary>
internal static class MethodId
{
    private const int HeadBytes = 13;

    /// <summary>Writes a method's id.</summary>
    /// <exception cref="InvalidOperationException">The interface's name is too long.</exception>
    public static byte[] Encode(ActorMethod method)
    {
        byte[] name = Encoding.UTF8.GetBytes(method.Interface.Name);
        if (name.Length + HeadBytes > WireId.MethodBytesMax)
        {
            throw new InvalidOperationException($"The wire name of {method.Interface.Name} has {name.Length} bytes; at most {WireId.MethodBytesMax - HeadBytes} are allowed: give it an alias.");
        }

        byte[] id = new byte[HeadBytes + name.Length];
        id[0] = IdSpace.Actor;
        BinaryPrimitives.WriteUInt64LittleEndian(id.AsSpan(1), method.Interface.SchemaHash);
        BinaryPrimitives.WriteUInt32LittleEndian(id.AsSpan(9), method.Id);
        name.CopyTo(id.AsSpan(HeadBytes));
        return id;
    }

    /// <summary>Finds the method of an id in this process.</summary>
    /// <returns>An <see cref="ActorMethod"/>, or the <see cref="Fault"/> that answers calls of it; null for bytes that are no method id.</returns>
    public static object? Resolve(ReadOnlySpan<byte> id)
    {
        if (id.Length <= HeadBytes)
        {
            return null;
        }

        string name = Encoding.UTF8.GetString(id[HeadBytes..]);
        if (ActorCatalog.FindInterface(name) is not { } found)
        {
            return new Fault(FaultCode.NoSuchMethod, $"the interface {name} is not known there");
        }

        if (found.FindMethod(BinaryPrimitives.ReadUInt32LittleEndian(id[9..])) is not { } method)
        {
            return new Fault(FaultCode.NoSuchMethod, $"the interface {name} has no such method there; caller and callee were built against different versions of it");
        }

        return found.SchemaHash == BinaryPrimitives.ReadUInt64LittleEndian(id[1..])
            ? method
            : new Fault(FaultCode.ContractMismatch, $"caller and callee were built against different versions of {name} or of a type it uses");
    }
}
