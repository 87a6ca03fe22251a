using System.Text.Json;
using Kameo.Actors.Transport;
using Spectre.Console;

namespace Samples.PingPong;

/// <summary>What the server prints.</summary>
/// <param name="settings">How.</param>
internal sealed class ServerConsole(PingServerSettings settings)
{
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(1);

    /// <summary>Who it is and where it can be reached.</summary>
    public void Ready(PeerId id, int port, IReadOnlyList<string> addresses)
    {
        if (settings.Json)
        {
            WriteJson(writer =>
            {
                writer.WriteString("server_id", id.ToString());
                writer.WriteNumber("port", port);
                writer.WriteStartArray("addresses");
                foreach (string address in addresses)
                {
                    writer.WriteStringValue(address);
                }

                writer.WriteEndArray();
                writer.WriteBoolean("mdns", settings.Mdns);
            });
            return;
        }

        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors }); // Spectre asks the terminal alone.
        }

        AnsiConsole.MarkupLine($"[bold]Ping server[/]  {id}");
        foreach (string address in addresses)
        {
            AnsiConsole.WriteLine($"  reachable at {address}");
        }

        AnsiConsole.WriteLine(settings.Mdns ? "  announced by mDNS: clients on this network find it without an address" : "  not announced: clients need --server-ip and --port");
        if (settings.Secret is null)
        {
            AnsiConsole.MarkupLine($"[yellow]{PingPong.OpenWarning}[/]");
        }

        AnsiConsole.WriteLine("Ctrl-C stops it.");
    }

    /// <summary>Shows the count as it rises, until the token fires.</summary>
    public async Task RunAsync(PingTally tally, CancellationToken cancellation)
    {
        if (settings.Json)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        using var timer = new PeriodicTimer(s_period);
        bool isTerminal = !Console.IsOutputRedirected;
        long shown = -1;
        try
        {
            while (await timer.WaitForNextTickAsync(cancellation))
            {
                long count = tally.Count;
                if (count != shown)
                {
                    shown = count;
                    Console.Out.Write(isTerminal ? $"\r{count} pings" : $"{count} pings\n");
                }
            }
        }
        catch (OperationCanceledException)
        {
            if (isTerminal && shown >= 0)
            {
                Console.Out.WriteLine();
            }
        }
    }

    /// <summary>The end.</summary>
    public void Stopped(long count)
    {
        if (settings.Json)
        {
            WriteJson(writer => writer.WriteNumber("server_count", count));
        }
        else
        {
            Console.Out.WriteLine($"Stopped after {count} pings.");
        }
    }

    private static void WriteJson(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        Console.Out.WriteLine(System.Text.Encoding.UTF8.GetString(buffer.ToArray()));
        Console.Out.Flush();
    }
}
