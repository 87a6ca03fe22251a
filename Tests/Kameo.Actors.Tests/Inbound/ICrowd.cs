using System.Collections.Concurrent;
using Kameo.Actors.Activations;
using Orleans;

namespace Kameo.Actors.Tests.Inbound;

/// <summary>An actor without anything that interleaves: requests of one received batch wait together for it.</summary>
public interface ICrowd : IGrainWithStringKey
{
    /// <returns>The node that it runs on.</returns>
    ValueTask<string> Note(string what);

    ValueTask NoteOnly(string what);

    /// <summary>The same, and it suspends.</summary>
    ValueTask<string> NoteLater(string what);

    /// <summary>Notes, and throws at once.</summary>
    ValueTask<string> Throw(string what);

    /// <summary>Notes, and throws after it has suspended.</summary>
    ValueTask ThrowLater(string what);

    /// <summary>Notes, and gives what is too large for a reply.</summary>
    ValueTask<byte[]> TooLarge(string what);

    /// <summary>Notes, and waits at the gate of its key.</summary>
    ValueTask<string> Wait(string what);

    /// <summary>The same, and its thread with it: meanwhile nobody looks into its mailbox.</summary>
    ValueTask<string> Block(string what);

    /// <summary>Notes, and lets another actor answer.</summary>
    ValueTask<string> Forward(string what, string other);

    /// <summary>Notes an actor that came as a reference, and asks it for its name.</summary>
    ValueTask<string> NameOf(string what, ICrowd other);

    ValueTask<string> Name();

    /// <returns>Milliseconds until what is asked in this turn must be answered.</returns>
    [AskTimeout("00:00:05")]
    ValueTask<long> Left();

    /// <summary>Tells another actor some things and asks it one, all of which come together.</summary>
    ValueTask<string> TellAndAsk(string other);

    /// <summary>Lets another actor do so with this one.</summary>
    ValueTask<string> AskThrough(string other);
}

/// <summary>Notes by key, and gates that turns wait at.</summary>
public static class Crowd
{
    private static readonly ConcurrentDictionary<string, List<string>> s_notes = [];
    private static readonly ConcurrentDictionary<string, TaskCompletionSource> s_gates = [];

    public static TaskCompletionSource GateOf(string key) => s_gates.GetOrAdd(key, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    public static string[] NotesOf(string key)
    {
        List<string> notes = s_notes.GetOrAdd(key, static _ => []);
        lock (notes)
        {
            return [.. notes];
        }
    }

    internal static void Note(string key, string what)
    {
        List<string> notes = s_notes.GetOrAdd(key, static _ => []);
        lock (notes)
        {
            notes.Add(what);
        }
    }
}

public sealed class CrowdActor(ActorNode node) : Actor, ICrowd
{
    public ValueTask<string> Note(string what)
    {
        Crowd.Note(Key.Text, what);
        return new ValueTask<string>(node.Id.ToString());
    }

    public ValueTask NoteOnly(string what)
    {
        Crowd.Note(Key.Text, what);
        return default;
    }

    public async ValueTask<string> NoteLater(string what)
    {
        await Task.Yield();
        Crowd.Note(Key.Text, what);
        return node.Id.ToString();
    }

    public ValueTask<string> Throw(string what)
    {
        Crowd.Note(Key.Text, what);
        throw new ArgumentException(what);
    }

    public async ValueTask ThrowLater(string what)
    {
        await Task.Yield();
        Crowd.Note(Key.Text, what);
        throw new ArgumentException(what);
    }

    public ValueTask<byte[]> TooLarge(string what)
    {
        Crowd.Note(Key.Text, what);
        return new ValueTask<byte[]>(new byte[65 * 1024 * 1024]);
    }

    public async ValueTask<string> Wait(string what)
    {
        Crowd.Note(Key.Text, what);
        await Crowd.GateOf(Key.Text).Task;
        return node.Id.ToString();
    }

    public ValueTask<string> Block(string what)
    {
        Crowd.Note(Key.Text, what);
        Crowd.GateOf(Key.Text).Task.Wait(TimeSpan.FromSeconds(20));
        return new ValueTask<string>(node.Id.ToString());
    }

    public ValueTask<string> Forward(string what, string other)
    {
        Crowd.Note(Key.Text, what);
        return Forward(Actors.Get<ICrowd>(other).Name());
    }

    public async ValueTask<string> NameOf(string what, ICrowd other)
    {
        Crowd.Note(Key.Text, what);
        return await other.Name();
    }

    public ValueTask<string> Name() => new(Key.Text);

    public ValueTask<long> Left() => new(Turn.Current!.DeadlineMilliseconds - node.Clock.NowMilliseconds);

    public async ValueTask<string> TellAndAsk(string other)
    {
        ICrowd crowd = Actors.Get<ICrowd>(other);
        return await Together.Send(() =>
        {
            for (int number = 0; number < 5; number++)
            {
                _ = crowd.Tell().NoteOnly($"{number}");
            }

            return crowd.Name();
        });
    }

    public async ValueTask<string> AskThrough(string other) => await Actors.Get<ICrowd>(other).TellAndAsk(Key.Text);
}
