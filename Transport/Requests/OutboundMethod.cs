namespace Kameo.Actors.Transport.Requests;

/// <summary>The id of a method that asks and tells name; interned per connection at its first use. Thread safe, made once and kept for ever.</summary>
internal sealed class OutboundMethod
{
    /// <summary>Keeps a copy of the id.</summary>
    public OutboundMethod(ReadOnlySpan<byte> id) => Id = id.ToArray();

    /// <summary>The id's bytes, space first.</summary>
    public byte[] Id { get; }
}
