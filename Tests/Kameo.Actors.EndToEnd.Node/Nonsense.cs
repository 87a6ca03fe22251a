using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Kameo.Actors.Transport;
using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Control;
using Kameo.Actors.Transport.MessagePack;
using Kameo.Actors.Transport.Tls;
using Kameo.Actors.Transport.Views;
using Kameo.Actors.Transport.Views.Messages;
using Kameo.Actors.Transport.Views.Wire;

namespace Kameo.Actors.EndToEnd.Node;

/// <summary>A peer that the trust policy admits and that talks nonsense on the control lane, in every way there is; each connection until the other end closes it or a second has passed.</summary>
internal sealed class Nonsense(NodeSettings settings, EventWriter events)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    /// <summary>Goes through all of it, over and over, until standard input ends.</summary>
    public void Run(IPEndPoint target, CancellationToken stop)
    {
        using TlsEndpoint tls = NewEndpoint();
        (string Name, Action<Talk> Say)[] kinds =
        [
            ("no hello", static talk => talk.Send(ControlKind.View, [0xC0])),
            ("a hello of garbage", static talk => talk.Send(ControlKind.Hello, RandomNumberGenerator.GetBytes(300))),
            ("a hello that is too long", static talk => talk.SendLength(1 << 20)),
            ("no length", static talk => talk.SendLength(0)),
            ("a huge length before hello", static talk => talk.SendLength(uint.MaxValue)),
            ("a huge length", static talk => talk.Greet().SendLength(uint.MaxValue)),
            ("a length that is allowed, and nothing", static talk => talk.Greet().SendLength(ControlConnection.FrameBytesMax)),
            ("two hellos", static talk => talk.Greet().Greet()),
            ("an unknown kind", static talk => talk.Greet().Send((ControlKind)200, RandomNumberGenerator.GetBytes(100))),
            ("a view of garbage", static talk => talk.Greet().Send(ControlKind.View, RandomNumberGenerator.GetBytes(500))),
            ("a goodbye of garbage", static talk => talk.Greet().Send(ControlKind.Goodbye, RandomNumberGenerator.GetBytes(5))),
            ("deep nesting", static talk => talk.Greet().Send(ControlKind.View, [.. Enumerable.Repeat((byte)0x91, 100_000)])),
            ("an array of four thousand million", static talk => talk.Greet().Send(ControlKind.View, [0x95, 0xDD, 0xFF, 0xFF, 0xFF, 0xFF])),
            ("in another's name", static talk => talk.Greet().SendAs(new MemberId(SecretKey.Generate().Id, new Incarnation(1)))),
            ("pings without end, and reading nothing", static talk => talk.Greet().Flood()),
        ];
        int round = 0;
        while (!stop.IsCancellationRequested)
        {
            (string name, Action<Talk> say) = kinds[round++ % kinds.Length];
            using var talk = new Talk(tls, Hello());
            try
            {
                if (talk.Connect(target, s_patience))
                {
                    say(talk);
                    talk.Drain(s_patience);
                }
            }
            catch (SocketException)
            {
                // It was closed: that is what ought to happen.
            }

            if (round == kinds.Length)
            {
                events.Write("nonsense", new JsonObject { ["kinds"] = kinds.Length });
            }
        }
    }

    private TlsEndpoint NewEndpoint() => new(SecretKey.Generate(), settings.Secret is null ? TrustPolicy.Anyone() : TrustPolicy.Secret(settings.Secret, settings.Cluster), TimeProvider.System, null);

    private Hello Hello() => new()
    {
        ClusterName = settings.Cluster,
        Incarnation = 4711,
        AdvertisedAddress = "127.0.0.1:9",
        FrameBytesMax = 64 * 1024,
        WindowBytes = 4 * 1024 * 1024,
        InternedIdsMax = 1024,
        InternedBytesMax = 64 * 1024,
    };

    /// <summary>One connection, blocking.</summary>
    private sealed class Talk(TlsEndpoint tls, Hello hello) : IDisposable
    {
        private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        private readonly TlsSession _session = tls.CreateClient(null, Lane.Control);
        private readonly byte[] _buffer = new byte[16 * 1024];

        public bool Connect(IPEndPoint target, TimeSpan within)
        {
            _socket.ReceiveTimeout = (int)within.TotalMilliseconds;
            _socket.SendTimeout = (int)within.TotalMilliseconds;
            _socket.Connect(target);
            while (_session.Handshake() == TlsStatus.WantRead)
            {
                Flush();
                if (!Receive())
                {
                    return false;
                }
            }

            Flush();
            return _session.IsEstablished;
        }

        public Talk Greet()
        {
            ScratchBuffer scratch = ScratchBuffer.Rent();
            var writer = new MessagePackWriter(scratch);
            hello.Encode(ref writer);
            Send(ControlKind.Hello, scratch.WrittenSpan);
            ScratchBuffer.Return(scratch);
            return this;
        }

        public void Send(ControlKind kind, ReadOnlySpan<byte> payload)
        {
            byte[] frame = new byte[5 + payload.Length];
            BinaryPrimitives.WriteInt32LittleEndian(frame, payload.Length + 1);
            frame[4] = (byte)kind;
            payload.CopyTo(frame.AsSpan(5));
            Write(frame);
        }

        public void SendLength(uint length)
        {
            byte[] frame = new byte[200];
            BinaryPrimitives.WriteUInt32LittleEndian(frame, length);
            frame[4] = (byte)ControlKind.View;
            Write(frame);
        }

        public void SendAs(MemberId other)
        {
            ScratchBuffer scratch = ScratchBuffer.Rent();
            var writer = new MessagePackWriter(scratch);
            ViewWire.Encode(ref writer, new Envelope(ClusterId.None, 0, other, new MemberId(_session.Peer, new Incarnation(1)), new Seek(3)));
            Send(ControlKind.View, scratch.WrittenSpan);
            ScratchBuffer.Return(scratch);
        }

        public void Flood()
        {
            byte[] ping = new byte[32 * 1024];
            for (int count = 0; count < 4_000; count++)
            {
                Send(ControlKind.Ping, ping);
            }
        }

        /// <summary>Reads until the other end closes it, or the time is over.</summary>
        public void Drain(TimeSpan within)
        {
            long start = System.Diagnostics.Stopwatch.GetTimestamp();
            while (System.Diagnostics.Stopwatch.GetElapsedTime(start) < within && Receive())
            {
            }
        }

        public void Dispose()
        {
            _socket.Dispose();
            _session.Dispose();
        }

        private void Write(ReadOnlySpan<byte> bytes)
        {
            _session.Write(bytes);
            Flush();
        }

        private bool Receive()
        {
            int bytes = _socket.Receive(_buffer, SocketFlags.None, out SocketError error);
            if (error != SocketError.Success || bytes == 0)
            {
                return false;
            }

            _session.Feed(_buffer.AsSpan(0, bytes));
            return true;
        }

        private void Flush()
        {
            while (_session.Take(_buffer) is > 0 and var bytes)
            {
                for (int sent = 0; sent < bytes;)
                {
                    sent += _socket.Send(_buffer.AsSpan(sent, bytes - sent));
                }
            }
        }
    }
}
