using System.Security.Cryptography;
using Kameo.Actors.Transport.Tls;
using Org.BouncyCastle.X509;

namespace Kameo.Actors.Transport.Tests.Tls;

/// <summary>The session and what it refuses, in memory.</summary>
public sealed class TlsSessionTests
{
    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(1)]
    [InlineData(7)]
    public void Both_sides_prove_who_they_are(int chunk)
    {
        using SecretKey clientKey = SecretKey.Generate();
        using SecretKey serverKey = SecretKey.Generate();
        using TlsEndpoint client = TwoSessions.Endpoint(TrustPolicy.Peers([serverKey.Id]), clientKey);
        using TlsEndpoint server = TwoSessions.Endpoint(TrustPolicy.Peers([clientKey.Id]), serverKey);
        using var sessions = new TwoSessions(client, server, serverKey.Id);
        Assert.Equal((TlsStatus.Ok, TlsStatus.Ok), sessions.Shake(chunk));
        Assert.Equal(serverKey.Id, sessions.Client.Peer);
        Assert.Equal(clientKey.Id, sessions.Server.Peer);
        Assert.True(sessions.Client.IsEstablished && sessions.Server.IsEstablished);
    }

    /// <summary>Wherever a record is cut, and whoever has something to say yet: giving memory back in between loses nothing.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(700)]
    [InlineData(20_000)]
    public void A_session_that_gives_its_buffers_back_goes_on(int chunk)
    {
        using TlsEndpoint endpoint = TwoSessions.Endpoint(recordsPerKey: 3, asksForKeyUpdates: true);
        using var sessions = new TwoSessions(endpoint, endpoint);
        sessions.Shake();
        byte[] sent = new byte[40_000];
        new Random(chunk).NextBytes(sent);
        byte[] received = new byte[sent.Length];
        for (int round = 0; round < (chunk == 1 ? 1 : 5); round++)
        {
            (TlsSession from, TlsSession to) = round % 2 == 0 ? (sessions.Client, sessions.Server) : (sessions.Server, sessions.Client);
            Assert.Equal(TlsStatus.Ok, from.Write(sent));
            int done = 0;
            while (done < sent.Length)
            {
                sessions.Move(from, to, chunk);
                from.Shrink();
                to.Shrink();
                while (to.Read(received.AsSpan(done), out int bytes) == TlsStatus.Ok)
                {
                    done += bytes;
                }

                to.Shrink();
                sessions.Move(to, from);
                Assert.NotEqual(TlsStatus.Failed, from.Read(new byte[16], out _)); // The answer to a key update.
            }

            Assert.Equal(sent, received);
        }
    }

    [Fact]
    public void An_endpoint_may_be_disposed_while_sessions_are_made()
    {
        for (int round = 0; round < 50; round++)
        {
            TlsEndpoint endpoint = TwoSessions.Endpoint();
            using var made = new CountdownEvent(2);
            Thread[] makers = [.. Enumerable.Range(0, 2).Select(_ => new Thread(() =>
            {
                try
                {
                    for (int count = 0; ; count++)
                    {
                        endpoint.CreateClient(null).Dispose(); // What is freed under it is the end of the process.
                        if (count == 3)
                        {
                            made.Signal();
                        }
                    }
                }
                catch (ObjectDisposedException)
                {
                }
            }))];
            Array.ForEach(makers, static maker => maker.Start());
            Assert.True(made.Wait(20_000));
            endpoint.Dispose();
            Array.ForEach(makers, static maker => maker.Join());
        }
    }

    [Fact]
    public void Megabytes_arrive_both_ways_through_small_pieces()
    {
        using TlsEndpoint endpoint = TwoSessions.Endpoint();
        using var sessions = new TwoSessions(endpoint, endpoint);
        sessions.Shake();
        byte[] sent = RandomNumberGenerator.GetBytes(3_000_000);
        foreach ((TlsSession from, TlsSession to) in new[] { (sessions.Client, sessions.Server), (sessions.Server, sessions.Client) })
        {
            var received = new MemoryStream();
            byte[] plain = new byte[16 * 1024];
            for (int at = 0; at < sent.Length; at += 10_000)
            {
                Assert.Equal(TlsStatus.Ok, from.Write(sent.AsSpan(at, Math.Min(10_000, sent.Length - at))));
                while (sessions.Move(from, to, 1_111))
                {
                    while (to.Read(plain, out int bytes) == TlsStatus.Ok)
                    {
                        received.Write(plain, 0, bytes);
                    }
                }
            }

            Assert.Equal(sent, received.ToArray());
        }
    }

    [Fact]
    public void Keys_change_under_load_and_nothing_is_lost()
    {
        using TlsEndpoint endpoint = TwoSessions.Endpoint(recordsPerKey: 4);
        using var sessions = new TwoSessions(endpoint, endpoint);
        sessions.Shake();
        byte[] plain = new byte[100];
        for (int number = 0; number < 200; number++)
        {
            Assert.Equal(TlsStatus.Ok, sessions.Client.Write(BitConverter.GetBytes(number)));
            sessions.Carry();
            Assert.Equal(TlsStatus.Ok, sessions.Server.Read(plain, out int bytes));
            Assert.Equal(number, BitConverter.ToInt32(plain.AsSpan(0, bytes)));
        }

        Assert.Equal(49, sessions.Client.KeyUpdates);
    }

    [Fact]
    public async Task Reading_and_writing_at_once_on_two_threads_breaks_nothing()
    {
        const int Count = 20_000;
        using TlsEndpoint endpoint = TwoSessions.Endpoint(recordsPerKey: 1000);
        using var sessions = new TwoSessions(endpoint, endpoint);
        sessions.Shake();
        int read = 0;
        void Echo(TlsSession mine)
        {
            Span<byte> number = stackalloc byte[4];
            for (int sent = 0; sent < Count; sent++)
            {
                BitConverter.TryWriteBytes(number, sent);
                Assert.Equal(TlsStatus.Ok, mine.Write(number));
            }
        }

        Task[] writers = [Task.Run(() => Echo(sessions.Client)), Task.Run(() => Echo(sessions.Server))];
        byte[] plain = new byte[100];
        byte[] wire = new byte[64 * 1024];
        long start = Environment.TickCount64;
        int fromServer = 0;
        while (read < 2 * Count)
        {
            Assert.True(Environment.TickCount64 - start < 20_000, $"{read} of {2 * Count}");
            sessions.Server.Feed(wire.AsSpan(0, sessions.Client.Take(wire)));
            sessions.Client.Feed(wire.AsSpan(0, sessions.Server.Take(wire)));
            while (sessions.Server.Read(plain, out _) == TlsStatus.Ok)
            {
                read++;
            }

            while (sessions.Client.Read(plain, out _) == TlsStatus.Ok)
            {
                Assert.Equal(fromServer++, BitConverter.ToInt32(plain));
                read++;
            }
        }

        await Task.WhenAll(writers);
    }

    [Fact]
    public void Sealing_and_opening_allocate_nothing()
    {
        using TlsEndpoint endpoint = TwoSessions.Endpoint();
        using var sessions = new TwoSessions(endpoint, endpoint);
        sessions.Shake();
        byte[] plain = new byte[1000];
        void Round()
        {
            sessions.Client.Write(plain);
            sessions.Move(sessions.Client, sessions.Server);
            sessions.Server.Read(plain, out _);
        }

        Round();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 0; round < 1000; round++)
        {
            Round();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Another_peer_than_the_expected_one_is_refused_by_the_dialler()
    {
        using SecretKey somebody = SecretKey.Generate();
        using TlsEndpoint endpoint = TwoSessions.Endpoint();
        using var sessions = new TwoSessions(endpoint, endpoint, somebody.Id);
        Refused(sessions, CloseReason.WrongPeer, CloseReason.RefusedByPeer);
        Assert.Contains(somebody.Id.ToString(), sessions.Client.FailureDetail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_peer_that_is_not_listed_or_denied_is_refused_and_learns_it_at_its_next_read()
    {
        using SecretKey key = SecretKey.Generate();
        using TlsEndpoint client = TwoSessions.Endpoint(key: key);
        using TlsEndpoint listing = TwoSessions.Endpoint(TrustPolicy.Peers([]));
        TrustPolicy denying = TrustPolicy.Anyone();
        denying.Deny(key.Id);
        using TlsEndpoint deniers = TwoSessions.Endpoint(denying);
        foreach (TlsEndpoint server in new[] { listing, deniers })
        {
            using var sessions = new TwoSessions(client, server);
            (TlsStatus shaken, TlsStatus refused) = sessions.Shake();
            Assert.Equal((TlsStatus.Ok, TlsStatus.Failed), (shaken, refused));
            Assert.Equal(CloseReason.NotTrusted, sessions.Server.FailureReason);
            Assert.Equal(TlsStatus.Failed, sessions.Client.Read(new byte[10], out _));
            Assert.Equal(CloseReason.RefusedByPeer, sessions.Client.FailureReason);
        }
    }

    [Fact]
    public void Clusters_admit_who_has_their_key_or_a_certificate_from_it_and_nobody_else()
    {
        using SecretKey clusterKey = SecretKey.Generate();
        using SecretKey otherCluster = SecretKey.Generate();
        using SecretKey member = SecretKey.Generate();
        using TlsEndpoint holder = TwoSessions.Endpoint(TrustPolicy.Cluster(clusterKey.Id, clusterKey));
        using TlsEndpoint certified = TwoSessions.Endpoint(
            TrustPolicy.Cluster(clusterKey.Id, nodeCertificate: NodeCertificate.Create(clusterKey, member.Id, TimeSpan.FromDays(1))), member);
        using TlsEndpoint stranger = TwoSessions.Endpoint(TrustPolicy.Cluster(otherCluster.Id, otherCluster));
        using TlsEndpoint open = TwoSessions.Endpoint();
        using (var sessions = new TwoSessions(certified, holder, holder.Id))
        {
            Assert.Equal((TlsStatus.Ok, TlsStatus.Ok), sessions.Shake());
            Assert.Equal(member.Id, sessions.Server.Peer);
        }

        foreach (TlsEndpoint outside in new[] { stranger, open })
        {
            using var sessions = new TwoSessions(outside, holder);
            Refused(sessions, CloseReason.NotTrusted, CloseReason.RefusedByPeer);
        }

        using SecretKey another = SecretKey.Generate();
        Assert.Throws<CryptographicException>(() => TwoSessions.Endpoint(
            TrustPolicy.Cluster(clusterKey.Id, nodeCertificate: NodeCertificate.Create(clusterKey, member.Id, TimeSpan.FromDays(1))), another));
    }

    [Fact]
    public void Certificates_that_are_not_valid_now_are_refused()
    {
        using TlsEndpoint present = TwoSessions.Endpoint();
        using TlsEndpoint past = TwoSessions.Endpoint(time: new Shifted(TimeSpan.FromDays(-4000)));
        using TlsEndpoint future = TwoSessions.Endpoint(time: new Shifted(TimeSpan.FromDays(3)));
        foreach (TlsEndpoint server in new[] { past, future })
        {
            using var sessions = new TwoSessions(present, server);
            Refused(sessions, CloseReason.CertificateExpired, CloseReason.RefusedByPeer);
        }
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: here\r\n\r\n")]
    [InlineData("SSH-2.0-OpenSSH_9.0\r\n")]
    [InlineData("\0\0\0\0\0\0\0\0\0\0\0\0")]
    public void What_is_not_tls_is_named_so(string sent)
    {
        using TlsEndpoint endpoint = TwoSessions.Endpoint();
        using TlsSession server = endpoint.CreateServer();
        server.Feed(System.Text.Encoding.Latin1.GetBytes(sent));
        Assert.Equal(TlsStatus.Failed, server.Handshake());
        Assert.Equal(CloseReason.NotTls, server.FailureReason);
    }

    [Fact]
    public void A_record_that_was_changed_on_the_way_ends_the_session()
    {
        using TlsEndpoint endpoint = TwoSessions.Endpoint();
        using var sessions = new TwoSessions(endpoint, endpoint);
        sessions.Shake();
        sessions.Client.Write(new byte[100]);
        byte[] wire = new byte[1000];
        int bytes = sessions.Client.Take(wire);
        wire[50] ^= 1;
        sessions.Server.Feed(wire.AsSpan(0, bytes));
        Assert.Equal(TlsStatus.Failed, sessions.Server.Read(wire, out _));
        Assert.Equal(CloseReason.TlsFailure, sessions.Server.FailureReason);
        Assert.Equal(TlsStatus.Failed, sessions.Server.Write(wire));
    }

    [Fact]
    public void The_end_is_heard_and_disposing_twice_is_no_harm()
    {
        using TlsEndpoint endpoint = TwoSessions.Endpoint();
        var sessions = new TwoSessions(endpoint, endpoint);
        sessions.Shake();
        sessions.Client.Shutdown();
        sessions.Carry();
        Assert.Equal(TlsStatus.Closed, sessions.Server.Read(new byte[10], out _));
        sessions.Dispose();
        sessions.Dispose();
        Assert.Equal(TlsStatus.Failed, sessions.Client.Read(new byte[10], out _));
        Assert.Equal(0, sessions.Client.Take(new byte[10]));
    }

    [Fact]
    public void A_node_certificate_is_x509_v3_as_an_independent_parser_reads_it()
    {
        using SecretKey clusterKey = SecretKey.Generate();
        using SecretKey node = SecretKey.Generate();
        X509Certificate certificate = new X509CertificateParser().ReadCertificate(NodeCertificate.Create(clusterKey, node.Id, TimeSpan.FromDays(30)));
        Assert.Equal(3, certificate.Version);
        Assert.Equal("1.3.101.112", certificate.SigAlgOid);
        Assert.Equal(-1, certificate.GetBasicConstraints());
        Assert.Equal(node.Id.ToByteArray(), ((Org.BouncyCastle.Crypto.Parameters.Ed25519PublicKeyParameters)certificate.GetPublicKey()).GetEncoded());
        Assert.Equal($"CN={node.Id}", certificate.SubjectDN.ToString());
        certificate.Verify(new Org.BouncyCastle.Crypto.Parameters.Ed25519PublicKeyParameters(clusterKey.Id.ToByteArray(), 0));
        Assert.ThrowsAny<Exception>(() => certificate.Verify(new Org.BouncyCastle.Crypto.Parameters.Ed25519PublicKeyParameters(node.Id.ToByteArray(), 0)));
    }

    private static void Refused(TwoSessions sessions, CloseReason atClient, CloseReason atServer)
    {
        (TlsStatus client, _) = sessions.Shake();
        Assert.Equal(TlsStatus.Failed, client);
        Assert.Equal(atClient, sessions.Client.FailureReason);
        Assert.Equal(default, sessions.Client.Peer);
        Assert.False(sessions.Server.IsEstablished && sessions.Server.Read(new byte[10], out _) == TlsStatus.Ok);
        Assert.Equal(atServer, sessions.Server.FailureReason);
    }

    private sealed class Shifted(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }
}
