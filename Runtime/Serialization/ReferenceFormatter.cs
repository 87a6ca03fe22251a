using System.ComponentModel;
using System.Text;
using Kameo.Actors.Calls;
using Kameo.Actors.Catalog;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Serialization;

/// <summary>Formats references to actors and observers, null included: an array of the interface (nil where it is the declared one), the class (nil where it is not known yet), and the key.</summary>
/// <remarks>A reference is decoded into one of the node that decodes (<see cref="NodeScope"/>). Only interfaces that generated code has registered are ever referred to.</remarks>
/// <typeparam name="T">The declared interface.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct ReferenceFormatter<T> : IFormatter<T>
    where T : class
{
    private const int Parts = 3;
    private const int KeyBytesMax = 1 + 16 + ActorKey.TextBytesMax;

    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, T value)
    {
        if (value is null)
        {
            writer.WriteNil();
            return;
        }

        ActorReference reference = Checked(value);
        Span<byte> key = stackalloc byte[KeyBytesMax];
        key[0] = (byte)reference.Key.Kind;
        int keyBytes = 1 + reference.Key.Write(key[1..]);
        writer.WriteArrayHeader(Parts);
        writer.WriteString(reference.Interface.Type == typeof(T) ? null : reference.Interface.Name);
        writer.WriteString(reference.KnownClassName);
        writer.WriteBinary(key[..keyBytes]);
    }

    /// <inheritdoc/>
    public static T Decode(ref MessagePackReader reader)
    {
        if (reader.TryReadNil())
        {
            return null!;
        }

        int count = reader.ReadArrayHeader();
        if (count < Parts)
        {
            throw new MessagePackException("A reference is an array of interface, class and key.");
        }

        string? interfaceName = reader.ReadString();
        string? className = reader.ReadString();
        ReadOnlySpan<byte> bytes = reader.ReadBinary();
        if (bytes.IsEmpty || !ActorKey.TryRead((ActorKeyKind)bytes[0], bytes[1..], out ActorKey key) || (className is not null && Encoding.UTF8.GetByteCount(className) is 0 or > ActorId.ClassNameBytesMax))
        {
            throw new MessagePackException("The key or the class of a reference is malformed.");
        }

        Elements.SkipBeyond(ref reader, count, Parts);
        return Make(interfaceName, className, key);
    }

    /// <summary>References never change, so it is the same one; what is none is refused here as it would be on the way.</summary>
    public static T Copy(T value)
    {
        if (value is not null)
        {
            Checked(value);
        }

        return value!;
    }

    private static T Make(string? interfaceName, string? className, ActorKey key)
    {
        ActorNode node = NodeScope.Current;

        // The interface it was sent as, if this process knows it: it may have more methods than the declared one.
        if (interfaceName is not null
            && ActorCatalog.FindInterface(interfaceName) is { } sent
            && (sent.Key == key.Kind || className is not null)
            && sent.CreateReference(new ActorReferenceSeed(node, sent, key, className)) is T same)
        {
            return same;
        }

        ActorInterface declared = ActorCatalog.Get(typeof(T));
        return declared.Key == key.Kind || className is not null // The kind of key is the class's; an actor can be an observer.
            ? (T)(object)declared.CreateReference(new ActorReferenceSeed(node, declared, key, className))
            : throw new MessagePackException($"A reference as {declared.Name} has a key of kind {declared.Key}, not {key.Kind}.");
    }

    private static ActorReference Checked(T value) => value as ActorReference ?? throw new NotSupportedException(value is Actor
        ? $"An actor itself does not travel: pass this.AsReference<{typeof(T).Name}>() instead of this ({value.GetType()})."
        : $"{value.GetType()} does not travel as {typeof(T)}: it is no reference. Those to actors come from IActors.Get, those to local objects from ActorNode.CreateObserverReference.");
}
