using System.Text.Json.Nodes;
using Kameo.Actors.Transport;

namespace Kameo.Actors.EndToEnd.Node;

/// <summary>What the node has to say: a line of JSON each, with the time in milliseconds on the clock that counts sleep, which all processes of a machine share. Thread safe.</summary>
internal sealed class EventWriter
{
    private readonly Stream _output = Console.OpenStandardOutput();
    private readonly SleepClock _clock = new(TimeProvider.System);
    private readonly Lock _writing = new();

    /// <summary>The time now, in milliseconds.</summary>
    public double Now => _clock.Now.TotalMilliseconds;

    /// <summary>Says something now.</summary>
    public void Write(string name, JsonObject? more = null) => Write(name, Now, more);

    /// <summary>Says something of an earlier moment.</summary>
    public void Write(string name, double at, JsonObject? more = null)
    {
        JsonObject line = more ?? [];
        line["event"] = name;
        line["at"] = at;
        byte[] bytes = [.. System.Text.Encoding.UTF8.GetBytes(line.ToJsonString()), (byte)'\n'];
        lock (_writing)
        {
            try
            {
                _output.Write(bytes);
                _output.Flush();
            }
            catch (IOException)
            {
                // Nobody listens any more; the end of standard input ends the node.
            }
        }
    }
}
