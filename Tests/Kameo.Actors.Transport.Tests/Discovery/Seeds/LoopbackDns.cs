using System.Net;
using System.Net.Sockets;
using Kameo.Actors.Transport.Discovery.Wire;

namespace Kameo.Actors.Transport.Tests.Discovery.Seeds;

/// <summary>A DNS server on loopback that answers each question for an address with one list, and a resolver that asks it by UDP.</summary>
internal sealed class LoopbackDns : IDnsResolver, IDisposable
{
    private readonly UdpClient _server = new(new IPEndPoint(IPAddress.Loopback, 0));
    private volatile IPAddress[] _addresses = [];
    private int _nextId;

    public LoopbackDns() => _ = Task.Run(RunAsync);

    public void Answer(params string[] addresses) => _addresses = [.. addresses.Select(IPAddress.Parse)];

    public async Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellation)
    {
        Assert.True(DnsName.TryParse(host, out DnsName? name));
        var query = new DnsMessage { Id = (ushort)Interlocked.Increment(ref _nextId) };
        query.Questions.Add(new DnsQuestion(name, DnsType.A));
        using var client = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        await client.SendAsync(Encode(query), (IPEndPoint)_server.Client.LocalEndPoint!, cancellation);
        while (true)
        {
            UdpReceiveResult received = await client.ReceiveAsync(cancellation);
            if (DnsMessage.TryRead(received.Buffer, out DnsMessage? answer) && answer.IsResponse && answer.Id == query.Id)
            {
                return [.. answer.Answers.Where(record => record.Type == DnsType.A && record.Name.Equals(name)).Select(static record => record.Address)];
            }
        }
    }

    public void Dispose() => _server.Dispose();

    private static byte[] Encode(DnsMessage message)
    {
        byte[] buffer = new byte[512];
        Assert.True(message.TryWrite(buffer, out int bytes));
        return buffer[..bytes];
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                UdpReceiveResult received = await _server.ReceiveAsync();
                if (!DnsMessage.TryRead(received.Buffer, out DnsMessage? query) || query.IsResponse)
                {
                    continue;
                }

                var answer = new DnsMessage { Id = query.Id, IsResponse = true };
                answer.Questions.AddRange(query.Questions);
                answer.Answers.AddRange(query.Questions.SelectMany(question => _addresses.Select(address => DnsRecord.AddressOf(question.Name, address, ttlSeconds: 0))));
                await _server.SendAsync(Encode(answer), received.RemoteEndPoint);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }
}
