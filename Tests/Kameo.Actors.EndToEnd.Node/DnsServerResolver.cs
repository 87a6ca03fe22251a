using System.Net;
using System.Net.Sockets;
using Kameo.Actors.Transport;
using Kameo.Actors.Transport.Discovery.Wire;

namespace Kameo.Actors.EndToEnd.Node;

/// <summary>Asks one DNS server by UDP, and caches nothing.</summary>
internal sealed class DnsServerResolver(IPEndPoint server) : IDnsResolver
{
    private int _nextId;

    public async Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellation)
    {
        if (!DnsName.TryParse(host, out DnsName? name))
        {
            throw new ArgumentException($"'{host}' is no name.", nameof(host));
        }

        var query = new DnsMessage { Id = (ushort)Interlocked.Increment(ref _nextId) };
        query.Questions.Add(new DnsQuestion(name, DnsType.A));
        byte[] buffer = new byte[512];
        query.TryWrite(buffer, out int bytes);
        using var client = new UdpClient(server.AddressFamily);
        client.Connect(server);
        await client.SendAsync(buffer.AsMemory(0, bytes), cancellation);
        while (true)
        {
            UdpReceiveResult received = await client.ReceiveAsync(cancellation);
            if (DnsMessage.TryRead(received.Buffer, out DnsMessage? answer) && answer.IsResponse && answer.Id == query.Id)
            {
                return [.. answer.Answers.Where(record => record.Type == DnsType.A && record.Name.Equals(name)).Select(static record => record.Address)];
            }
        }
    }
}
