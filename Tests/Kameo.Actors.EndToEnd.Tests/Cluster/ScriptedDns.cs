using System.Net;
using System.Net.Sockets;

namespace Kameo.Actors.EndToEnd.Tests.Cluster;

/// <summary>A DNS server on loopback that answers each question for an address with what it is told, never to be cached.</summary>
internal sealed class ScriptedDns : IDisposable
{
    private const int HeaderBytes = 12;

    private readonly UdpClient _server = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly Dictionary<string, IPAddress> _addresses = new(StringComparer.OrdinalIgnoreCase);

    public ScriptedDns() => _ = Task.Run(RunAsync);

    public string EndPoint => _server.Client.LocalEndPoint!.ToString()!;

    public void Answer(string name, string address)
    {
        lock (_addresses)
        {
            _addresses[name] = IPAddress.Parse(address);
        }
    }

    public void Dispose() => _server.Dispose();

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                UdpReceiveResult question = await _server.ReceiveAsync();
                await _server.SendAsync(Reply(question.Buffer), question.RemoteEndPoint);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    /// <summary>The question as it came, marked as answered, and one record behind it (RFC 1035, 4.1).</summary>
    private byte[] Reply(byte[] question)
    {
        var labels = new List<string>();
        int at = HeaderBytes;
        while (question[at] != 0)
        {
            labels.Add(System.Text.Encoding.ASCII.GetString(question, at + 1, question[at]));
            at += 1 + question[at];
        }

        IPAddress? address;
        lock (_addresses)
        {
            _addresses.TryGetValue(string.Join('.', labels), out address);
        }

        byte[] reply = question[..(at + 5)];
        reply[2] |= 0x84;
        reply[3] = (byte)(address is null ? 3 : 0);
        reply[7] = (byte)(address is null ? 0 : 1);
        return address is null ? reply : [.. reply, 0xC0, HeaderBytes, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, .. address.GetAddressBytes()];
    }
}
