using Kameo.Actors.Transport.Frames;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Context;

/// <summary>What a request context holds at one moment. Immutable, so calls share it; encoded once, as the header extension that calls carry.</summary>
/// <remarks>On the wire: an array of the reentrancy id (16 bytes, or nil) and a map of names to values.</remarks>
internal sealed class RequestContextValues
{
    private const int GuidBytes = 16;
    private const int Parts = 2;

    private readonly Dictionary<string, object> _entries;
    private readonly byte[] _extension;

    private RequestContextValues(Dictionary<string, object> entries, Guid reentrancyId)
    {
        _entries = entries;
        ReentrancyId = reentrancyId;
        _extension = Encode();
    }

    private RequestContextValues(Dictionary<string, object> entries, Guid reentrancyId, byte[] extension)
    {
        _entries = entries;
        ReentrancyId = reentrancyId;
        _extension = extension;
    }

    /// <summary>Nothing.</summary>
    public static RequestContextValues Empty { get; } = new([], Guid.Empty);

    /// <summary>The call chain that may enter its actors again; empty for none.</summary>
    public Guid ReentrancyId { get; }

    /// <summary>What is set.</summary>
    public IEnumerable<KeyValuePair<string, object>> Entries => _entries.AsEnumerable();

    /// <summary>Whether it says nothing.</summary>
    public bool IsEmpty => _entries.Count == 0 && ReentrancyId == Guid.Empty;

    /// <summary>The whole header extension.</summary>
    public ReadOnlySpan<byte> Extension => _extension;

    /// <summary>The value of a key, or null.</summary>
    public object? Find(string key) => _entries.GetValueOrDefault(key);

    /// <summary>The same and one more.</summary>
    /// <exception cref="ArgumentException">It is too large, or the value is of a type that does not travel.</exception>
    public RequestContextValues With(string key, object value) => new(new Dictionary<string, object>(_entries, StringComparer.Ordinal) { [key] = value }, ReentrancyId);

    /// <summary>The same and one less.</summary>
    public RequestContextValues Without(string key)
    {
        var entries = new Dictionary<string, object>(_entries, StringComparer.Ordinal);
        entries.Remove(key);
        return new RequestContextValues(entries, ReentrancyId);
    }

    /// <summary>The same for another call chain.</summary>
    public RequestContextValues WithReentrancy(Guid id) => new(_entries, id);

    /// <summary>Reads the value of a header extension.</summary>
    /// <exception cref="MessagePackException">It is malformed or too large.</exception>
    public static RequestContextValues Decode(ReadOnlySpan<byte> value)
    {
        if (value.Length > RequestContext.BytesMax)
        {
            throw new MessagePackException($"A request context has {value.Length} bytes; at most {RequestContext.BytesMax} are allowed.");
        }

        var reader = new MessagePackReader(value);
        if (reader.ReadArrayHeader() != Parts)
        {
            throw new MessagePackException("A request context is an array of the reentrancy id and a map.");
        }

        Guid reentrancyId = Guid.Empty;
        if (!reader.TryReadNil())
        {
            ReadOnlySpan<byte> id = reader.ReadBinary();
            reentrancyId = id.Length == GuidBytes ? new Guid(id, bigEndian: true) : throw new MessagePackException("A reentrancy id has 16 bytes.");
        }

        int count = reader.ReadMapHeader();
        var entries = new Dictionary<string, object>(count, StringComparer.Ordinal);
        for (; count > 0; count--)
        {
            string key = reader.ReadString() ?? throw new MessagePackException("A key of a request context is nil.");
            entries[key] = RequestContextValue.Decode(ref reader);
        }

        return new RequestContextValues(entries, reentrancyId, AsExtension(value));
    }

    private static byte[] AsExtension(ReadOnlySpan<byte> value)
    {
        byte[] extension = new byte[ExtensionReader.PaddedBytes(value.Length)];
        new ExtensionWriter(extension).TryAppend(ExtensionTag.RequestContext, value);
        return extension;
    }

    private byte[] Encode()
    {
        ScratchBuffer scratch = ScratchBuffer.Rent();
        try
        {
            var writer = new MessagePackWriter(scratch);
            writer.WriteArrayHeader(Parts);
            if (ReentrancyId == Guid.Empty)
            {
                writer.WriteNil();
            }
            else
            {
                Span<byte> id = stackalloc byte[GuidBytes];
                ReentrancyId.TryWriteBytes(id, bigEndian: true, out _);
                writer.WriteBinary(id);
            }

            writer.WriteMapHeader(_entries.Count);
            foreach ((string key, object value) in _entries)
            {
                writer.WriteString(key);
                RequestContextValue.Encode(ref writer, key, value);
            }

            return scratch.WrittenBytes <= RequestContext.BytesMax
                ? AsExtension(scratch.WrittenSpan)
                : throw new ArgumentException($"The request context would have {scratch.WrittenBytes} bytes; at most {RequestContext.BytesMax} go with a call. Pass large values as arguments.");
        }
        finally
        {
            ScratchBuffer.Return(scratch);
        }
    }
}
