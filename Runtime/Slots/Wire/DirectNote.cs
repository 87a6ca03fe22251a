using System.Buffers.Binary;
using Kameo.Actors.Transport;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Slots.Wire;

/// <summary>Which of the notes of a <see cref="DirectNote"/>.</summary>
internal enum DirectNoteKind : byte
{
    /// <summary>Owner to caller: I passed your request on to the member, on which the actor is.</summary>
    Hint = 5,

    /// <summary>Caller to owner, and by that one to the host, behind all requests of the caller: is the actor there? The member is the caller.</summary>
    Seek = 6,

    /// <summary>The answer to the caller: by the host with the number of the stay; 0: not now.</summary>
    Found = 7,

    /// <summary>Host to caller: what you sent straight here, for that stay, finds nobody, and goes on by the owner.</summary>
    Stray = 8,
}

/// <summary>What nodes tell each other of direct ways to actors, in line with requests: notes beside <see cref="SlotNote"/>'s. A mark, the kind, the number of the question, the stay, a member, the actor.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Id">The actor.</param>
/// <param name="Member">Of a hint: the host; of the others: the caller.</param>
/// <param name="Token">The caller's number for its question.</param>
/// <param name="Stay">The stay.</param>
internal readonly record struct DirectNote(DirectNoteKind Kind, ActorId Id, MemberId Member, long Token = 0, uint Stay = 0)
{
    private const int TokenAt = 2;
    private const int StayAt = TokenAt + sizeof(long);
    private const int PeerAt = StayAt + sizeof(uint);
    private const int IncarnationAt = PeerAt + PeerId.Bytes;
    private const int IdAt = IncarnationAt + sizeof(ulong);

    /// <summary>Writes it.</summary>
    public byte[] Encode()
    {
        ReadOnlySpan<byte> id = Id.ToTarget().Id;
        byte[] note = new byte[IdAt + id.Length];
        note[0] = SlotNote.Mark;
        note[1] = (byte)Kind;
        BinaryPrimitives.WriteInt64LittleEndian(note.AsSpan(TokenAt), Token);
        BinaryPrimitives.WriteUInt32LittleEndian(note.AsSpan(StayAt), Stay);
        Member.Peer.CopyTo(note.AsSpan(PeerAt, PeerId.Bytes));
        BinaryPrimitives.WriteUInt64LittleEndian(note.AsSpan(IncarnationAt), Member.Incarnation.Value);
        id.CopyTo(note.AsSpan(IdAt));
        return note;
    }

    /// <summary>Reads it.</summary>
    /// <returns>False if it is something else, or malformed.</returns>
    public static bool TryRead(ReadOnlySpan<byte> from, out DirectNote note)
    {
        note = default;
        if (from.Length <= IdAt || from[0] != SlotNote.Mark || from[1] is < (byte)DirectNoteKind.Hint or > (byte)DirectNoteKind.Stray || !ActorId.TryRead(from[IdAt..], out ActorId id))
        {
            return false;
        }

        var member = new MemberId(new PeerId(from.Slice(PeerAt, PeerId.Bytes)), new Incarnation(BinaryPrimitives.ReadUInt64LittleEndian(from[IncarnationAt..])));
        note = new DirectNote((DirectNoteKind)from[1], id, member, BinaryPrimitives.ReadInt64LittleEndian(from[TokenAt..]), BinaryPrimitives.ReadUInt32LittleEndian(from[StayAt..]));
        return !member.IsNone;
    }
}
