using Kameo.Actors.Transport.Asks;
using Kameo.Actors.Transport.Tls;

namespace Kameo.Actors.Transport;

/// <summary>Every bound of the transport in one place, with where its default comes from. A node's options may change them; <see cref="Validate"/> holds their relations.</summary>
public sealed record TransportLimits
{
    /// <summary>Bytes of a connection's send ring; a power of two from 4 KiB. Default 256 KiB: four times the largest frame, and about what a socket's send buffer holds.</summary>
    public int RingBytes { get; init; } = 256 * 1024;

    /// <summary>Longest frame accepted, in bytes, at most a quarter of <see cref="RingBytes"/>. Default 64 KiB: one receive slab, four full TLS records.</summary>
    public int FrameBytesMax { get; init; } = 64 * 1024;

    /// <summary>Bytes of requests that each peer may have under way to this node, unread. Default 4 MiB: 10,000 requests in flight of 400 bytes.</summary>
    public long WindowBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Asks that one connection may await an answer to, or have answers of that were not read yet. Default 65,536. More wait in order, until their deadline.</summary>
    public int PendingAsksMax { get; init; } = 65_536;

    /// <summary>
    /// What the answers that this node awaits, or has not read yet, may take: 16 KiB for each ask, since a larger answer goes as a stream. Further asks wait in order, until their deadline. Eight asks of each
    /// connection are set aside (<see cref="ConnectionsMax"/>), the others are shared by 1,024. Default 4 GiB, 262,144 asks: four connections with all they may await. Answers are seldom
    /// that long: it is what peers can make this node hold at most, beside <see cref="SlabBytesMax"/>.
    /// </summary>
    public long ReplyBytesMax { get; init; } = 4L * 1024 * 1024 * 1024;

    /// <summary>Requests that may wait for window or ring on one connection; more fail as overloaded at once. Default 65,536: as many as may be pending.</summary>
    public int ParkedRequestsMax { get; init; } = 65_536;

    /// <summary>
    /// Answers that may wait for one peer to read those before them; beyond it the connection is closed (<see cref="CloseReason.AnswersUnread"/>). As many again may wait for a place for their streams. Default 1 GiB: 16 KiB
    /// for each of the 65,536 asks that a peer may await (<see cref="PendingAsksMax"/>), so that none that keeps to its own limits is ever closed.
    /// </summary>
    public long UnsentReplyBytesMax { get; init; } = 1024L * 1024 * 1024;

    /// <summary>Ids a peer may number on one connection. Default 65,536; beyond it ids travel inline.</summary>
    public int InternedIdsMax { get; init; } = 65_536;

    /// <summary>Bytes of ids a peer may number on one connection. Default 4 MiB.</summary>
    public int InternedBytesMax { get; init; } = 4 * 1024 * 1024;

    /// <summary>Receive memory that waiting requests may pin on this node; beyond it requests are refused as overloaded. Default 512 MiB.</summary>
    public long SlabBytesMax { get; init; } = 512L * 1024 * 1024;

    /// <summary>Connections accepted or dialled at a time, handshakes included. Default 4,096; further ones are closed at once. Of a larger cluster the oldest members as many as this are dialled.</summary>
    public int ConnectionsMax { get; init; } = 4_096;

    /// <summary>
    /// Connections of the control lane accepted at a time, handshakes included. Default 2,048: a steward of a thousand members has 150, and there may be <see cref="ClientsMax"/> clients. Three quarters are for anybody whom
    /// the trust policy admits, the last one for members of the view; further ones are closed.
    /// </summary>
    public int ControlConnectionsMax { get; init; } = 2_048;

    /// <summary>Peers without a connection that this node remembers. Default 1,024: as many clients as may follow through a member. Beyond it the one longest without is forgotten, until it connects again.</summary>
    public int PeersKeptMax { get; init; } = 1_024;

    /// <summary>Names that this node may register, and that it keeps of each peer. Default 10,000 (kameo_remote's discovery cache).</summary>
    public int NamesMax { get; init; } = 10_000;

    /// <summary>Names of all members together that a member or client keeps. Default 262,144. Beyond it registrations are refused, and of what others registered a part is kept until there is room.</summary>
    public int NamesInClusterMax { get; init; } = 262_144;

    /// <summary>Memory of all these names, estimated. Default 256 MiB: <see cref="NamesInClusterMax"/> of 1 KiB. Beyond it as with that.</summary>
    public long NameBytesInClusterMax { get; init; } = 256L * 1024 * 1024;

    /// <summary>Names that a member registers for one client. Default 1,000: ten clients may use a member's names up, not one. The next is refused.</summary>
    public int NamesPerClientMax { get; init; } = 1_000;

    /// <summary>Clients that may follow the cluster through this member. Default 1,024; the next finds another member.</summary>
    public int ClientsMax { get; init; } = 1_024;

    /// <summary>Watches of names; apart from them names that are waited for; and waits until a registration is visible. Default 1,024 each; the next is refused.</summary>
    public int NameWatchesMax { get; init; } = 1_024;

    /// <summary>Names whose look-up is kept, so that the next one takes no lock. Default 16,384; beyond it all are looked up anew.</summary>
    public int LookupsKeptMax { get; init; } = 16_384;

    /// <summary>Streams that each peer may have open to this node. Default 256: with full windows 64 MiB from each peer.</summary>
    public int StreamsMax { get; init; } = 256;

    /// <summary>Bytes of one stream that may be under way, unread. Default 256 KiB: a gigabyte a second at a quarter of a millisecond.</summary>
    public int StreamWindowBytes { get; init; } = 256 * 1024;

    /// <summary>
    /// Least bytes of a stream that may be under way to a peer while messages go the same way: they wait behind them. More only where a longer way holds more without a queue; without messages, all that the reader's window allows. Default 48 KiB: it costs a stream
    /// between processes of one machine nearly half of its rate while messages go beside it, and halves what they wait. At least 48 KiB, three chunks; as large as the peer's <see cref="StreamWindowBytes"/>, messages slow no stream.
    /// </summary>
    public int StreamFlightBytes { get; init; } = 48 * 1024;

    /// <summary>Longest arguments or result of one message; beyond a frame they travel as a stream and are gathered here. A <see cref="Stream"/> has no such bound. Default 64 MiB.</summary>
    public int PayloadBytesMax { get; init; } = 64 * 1024 * 1024;

    /// <summary>Memory of all payloads beyond a frame that are being gathered, wait for their actor, or are being sent; beyond it requests are refused, and results are answered by a fault. Default 512 MiB.</summary>
    public long GatheredBytesMax { get; init; } = 512L * 1024 * 1024;

    /// <summary>How long a payload beyond a frame may stand still, at either end, before it is given up. A <see cref="Stream"/> has no such bound: its two ends know how long they wait. Default 30 s, as long as an ask lives.</summary>
    public TimeSpan StreamStallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>From the first byte to both hellos. Default 10 s (kameo_remote's connect time-out).</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long an ended connection waits for the peer to read the goodbye. Default 2 s.</summary>
    public TimeSpan LingerTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Silence after which a ping is sent. Default 5 s.</summary>
    public TimeSpan PingInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Silence after which a peer counts as gone. Default 20 s: a process stopped for ten seconds is still the same peer afterwards.</summary>
    public TimeSpan PingTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>First wait before a lost peer is dialled again; doubles up to <see cref="RedialMax"/>, with jitter. Default 100 ms.</summary>
    public TimeSpan RedialFirst { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest wait between dials. Default 5 s.</summary>
    public TimeSpan RedialMax { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a seed's name is resolved again while not all of its addresses are connected. Default 30 s: how long CoreDNS, as Kubernetes sets it up, lets answers live.</summary>
    public TimeSpan DnsRefreshPeriod { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Peers that may be dialled again for ever: seeds and connected ones; found by mDNS, or behind the names of seeds, at most this many. Default 1,024. Members of the cluster are dialled besides, up to <see cref="ConnectionsMax"/>.</summary>
    public int DialTargetsMax { get; init; } = 1_024;

    /// <summary>TLS records that are sealed with one key. Tests lower it.</summary>
    internal long TlsRecordsPerKey { get; init; } = TlsEndpoint.RecordsPerKeyDefault;

    /// <inheritdoc cref="TlsEndpoint.AsksForKeyUpdates"/>
    internal bool TlsAsksForKeyUpdates { get; init; }

    /// <summary>The asks of <see cref="ReplyBytesMax"/> that connections share, and with them the asks within the node beyond its first 1,024. What a connection has set aside is left out once more than there are connections.</summary>
    internal long SharedAsksMax => (ReplyBytesMax / PendingBudget.ReplyBytesMax) - ((ConnectionsMax + 1L) * PendingTable.FirstChunkAsks);

    /// <summary>What of <see cref="ControlConnectionsMax"/> those get who are no members.</summary>
    internal int ControlConnectionsOfOthersMax => ControlConnectionsMax / 4 * 3;

    /// <summary>Credit is returned in batches of an eighth of the window: seldom enough to cost nothing, soon enough that a sender never runs dry.</summary>
    internal long CreditBatchBytes => WindowBytes / 8;

    /// <summary>Adds a sentence for each limit that is out of its range or contradicts another.</summary>
    internal void Validate(ICollection<string> errors)
    {
        Require(RingBytes >= 4096 && int.IsPow2(RingBytes), $"{nameof(RingBytes)} must be a power of two from 4,096, not {RingBytes}.");
        Require(FrameBytesMax is >= 1024 && FrameBytesMax <= RingBytes / 4, $"{nameof(FrameBytesMax)} must be 1,024 to a quarter of {nameof(RingBytes)} ({RingBytes / 4}), not {FrameBytesMax}.");
        Require(WindowBytes >= 4L * FrameBytesMax, $"{nameof(WindowBytes)} must be at least four frames ({4L * FrameBytesMax}), not {WindowBytes}.");
        Require(PendingAsksMax > 0, $"{nameof(PendingAsksMax)} must be positive.");
        long repliesMin = (PendingTable.ChunkAsks + ((ConnectionsMax + 1L) * PendingTable.FirstChunkAsks)) * PendingBudget.ReplyBytesMax;
        Require(ReplyBytesMax >= repliesMin, $"{nameof(ReplyBytesMax)} must be at least {repliesMin}: 16 KiB for 1,024 asks and for eight of each of {ConnectionsMax} connections ({nameof(ConnectionsMax)}).");
        Require(ParkedRequestsMax >= 0, $"{nameof(ParkedRequestsMax)} must not be negative.");
        Require(UnsentReplyBytesMax >= PendingBudget.ReplyBytesMax, $"{nameof(UnsentReplyBytesMax)} must hold at least one answer ({PendingBudget.ReplyBytesMax}), not {UnsentReplyBytesMax}.");
        Require(InternedIdsMax >= 0 && InternedBytesMax >= 0, "The limits on numbered ids must not be negative.");
        Require(SlabBytesMax >= FrameBytesMax, $"{nameof(SlabBytesMax)} must hold at least one frame.");
        Require(StreamsMax >= 0, $"{nameof(StreamsMax)} must not be negative.");
        Require(StreamWindowBytes >= 32 * 1024, $"{nameof(StreamWindowBytes)} must be at least 32,768, two chunks, not {StreamWindowBytes}.");
        Require(PayloadBytesMax >= FrameBytesMax, $"{nameof(PayloadBytesMax)} must be at least {nameof(FrameBytesMax)} ({FrameBytesMax}), not {PayloadBytesMax}.");
        Require(GatheredBytesMax >= PayloadBytesMax, $"{nameof(GatheredBytesMax)} must hold at least one payload of {nameof(PayloadBytesMax)}.");
        Require(StreamFlightBytes >= 48 * 1024, $"{nameof(StreamFlightBytes)} must be at least 49,152, three chunks, not {StreamFlightBytes}.");
        Require(StreamStallTimeout > TimeSpan.Zero, $"{nameof(StreamStallTimeout)} must be positive.");
        Require(ConnectionsMax > 0 && NamesMax > 0 && DialTargetsMax > 0, "The limits on connections, names and dial targets must be positive.");
        Require(ControlConnectionsMax >= 16, $"{nameof(ControlConnectionsMax)} must be at least 16, not {ControlConnectionsMax}.");
        Require(PeersKeptMax >= 0, $"{nameof(PeersKeptMax)} must not be negative.");
        Require(NamesInClusterMax >= NamesMax, $"{nameof(NamesInClusterMax)} must be at least {nameof(NamesMax)} ({NamesMax}), not {NamesInClusterMax}.");
        Require(NameBytesInClusterMax > 0 && LookupsKeptMax > 0, $"{nameof(NameBytesInClusterMax)} and {nameof(LookupsKeptMax)} must be positive.");
        Require(NamesPerClientMax >= 0 && ClientsMax >= 0 && NameWatchesMax >= 0, "The limits on names of clients, on clients and on watches must not be negative.");
        Require(HandshakeTimeout > TimeSpan.Zero && LingerTimeout > TimeSpan.Zero, "The handshake and linger time-outs must be positive.");
        Require(PingInterval > TimeSpan.Zero && PingTimeout >= 2 * PingInterval, $"{nameof(PingTimeout)} must be at least twice {nameof(PingInterval)}, and both positive.");
        Require(DnsRefreshPeriod > TimeSpan.Zero, $"{nameof(DnsRefreshPeriod)} must be positive.");
        Require(RedialFirst > TimeSpan.Zero && RedialMax >= RedialFirst, $"{nameof(RedialMax)} must be at least {nameof(RedialFirst)}, and both positive.");

        void Require(bool holds, string sentence)
        {
            if (!holds)
            {
                errors.Add(sentence);
            }
        }
    }
}
