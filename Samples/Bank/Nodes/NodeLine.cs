using System.Text.Json;

namespace Samples.Bank.Nodes;

/// <summary>What a node's process tells the one that started it: a line of JSON on standard output, four times a second.</summary>
/// <param name="Address">Where it listens.</param>
/// <param name="Serves">Whether it runs accounts now: it is a member and holds its lease.</param>
/// <param name="Epoch">The epoch of its view.</param>
/// <param name="Accounts">Accounts in its memory.</param>
/// <param name="Resumed">Transfers that it found pending and went on with.</param>
/// <param name="Refused">Writes of it that the ledger refused for their fence.</param>
internal sealed record NodeLine(string Address, bool Serves, long Epoch, int Accounts, long Resumed, long Refused)
{
    /// <summary>The line.</summary>
    public string ToJson() => JsonSerializer.Serialize(this);

    /// <summary>Reads a line; null: it is none.</summary>
    public static NodeLine? TryParse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<NodeLine>(line);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
