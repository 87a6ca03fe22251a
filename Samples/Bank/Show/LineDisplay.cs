using System.Globalization;

namespace Samples.Bank.Show;

/// <summary>Shows how it goes, until it is over.</summary>
internal interface IDisplay
{
    /// <summary>Runs the work, and draws meanwhile.</summary>
    /// <param name="work">The work.</param>
    /// <param name="look">How it stands.</param>
    /// <param name="story">What happened.</param>
    Task ShowAsync(Task work, Func<Scene> look, Story story);
}

/// <summary>Plain lines, for output that goes to a file: each event, and how it stands once a second.</summary>
/// <param name="output">Where they go.</param>
internal sealed class LineDisplay(TextWriter output) : IDisplay
{
    private static readonly TimeSpan s_beat = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(1);

    private int _told;

    /// <inheritdoc/>
    public async Task ShowAsync(Task work, Func<Scene> look, Story story)
    {
        TimeSpan next = default;
        while (!work.IsCompleted)
        {
            await Task.WhenAny(work, Task.Delay(s_beat));
            Tell(story);
            if (story.Now >= next && !work.IsCompleted)
            {
                next = story.Now + s_period;
                Write(look());
            }
        }

        Tell(story);
        await work;
    }

    private void Tell(Story story)
    {
        foreach ((TimeSpan at, string what) in story.From(_told))
        {
            _told++;
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{at.TotalSeconds,5:0.0} s  ** {what}"));
        }
    }

    private void Write(Scene scene)
    {
        string nodes = string.Join("  ", scene.Nodes.Select(static node => $"{node.Name} {node.State} {node.Accounts}"));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{scene.At.TotalSeconds,5:0.0} s  {nodes} | {scene.Done} done, {(scene.Rates.Count == 0 ? 0 : scene.Rates[^1]):0}/s, {scene.InFlight} in flight, {scene.Held} held, {scene.Retried} retried | {scene.Balances} + {scene.InTransit} in transit = {scene.Balances + scene.InTransit}"));
    }
}
