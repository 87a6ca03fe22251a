using Kameo.Actors.Transport.Registry;
using Kameo.Actors.Transport.Registry.Logs;
using Kameo.Actors.Transport.Registry.Wire;

namespace Kameo.Actors.Transport.Tests.Registry;

/// <summary>One writer's log at its writer and at those who hear of it.</summary>
public sealed class WriterLogTests
{
    private const int Plenty = 16 * 1024;
    private static readonly RegistryMember s_writer = new(RegistryWorld.Id(1), 11, 5);
    private static readonly RegistryLimits s_limits = new() { RemovalsMax = 4 };
    private readonly RegistryRoom _room = new(s_limits);
    private readonly LogChanges _changes = new();
    private readonly WriterLog _own = NewLog();

    [Fact]
    public void A_step_from_where_the_receiver_is_makes_it_know_the_same()
    {
        WriterLog other = NewLog();
        Write("a");
        Write("b");
        Assert.Equal(ApplyOutcome.Applied, Apply(other, _own.CutStep(0, Plenty)));
        Change("a", 1);
        Erase(2);
        Write("c");
        Delta step = _own.CutStep(2, Plenty)!;
        Assert.Equal([new Removal(3, 1), new Removal(4, 2)], step.Removals);
        Assert.Equal(ApplyOutcome.Applied, Apply(other, step));
        AssertSame(other);
        Assert.Equal(["a#3", "c#5"], other.Entries.Select(static entry => entry.ToString()));
        Assert.Equal(["b#2", "a#1"], _changes.Dropped.Select(static entry => entry.ToString()).OrderDescending());
    }

    [Fact]
    public void A_step_from_later_than_the_receiver_is_leaves_it_where_it_is()
    {
        WriterLog other = NewLog();
        Write("a");
        Write("b");
        Assert.Equal(ApplyOutcome.Gap, Apply(other, _own.CutStep(1, Plenty)));
        Assert.Equal((0ul, 0), (other.Counter, other.Entries.Count));
        Assert.Equal(ApplyOutcome.Gap, Apply(other, _own.Advertise()));
    }

    [Fact]
    public void What_comes_twice_or_late_changes_nothing()
    {
        WriterLog other = NewLog();
        Write("a");
        Delta old = _own.CutStep(0, Plenty)!;
        Apply(other, old);
        Erase(1);
        Apply(other, _own.CutStep(1, Plenty));
        Assert.Equal(ApplyOutcome.Known, Apply(other, old));
        Assert.Empty(other.Entries);
        Assert.Equal(2ul, other.Counter);
    }

    [Fact]
    public void An_overlapping_step_adds_only_what_is_new()
    {
        WriterLog other = NewLog();
        Write("a");
        Write("b");
        Apply(other, _own.CutStep(0, Plenty));
        Erase(1);
        Write("c");
        Assert.Equal(ApplyOutcome.Applied, Apply(other, _own.CutStep(0, Plenty)));
        Assert.Equal(["c#4"], _changes.Added.Select(static entry => entry.ToString()));
        AssertSame(other);
    }

    [Fact]
    public void A_step_cut_anywhere_leaves_a_prefix()
    {
        WriterLog writer = NewLog(new RegistryLimits());
        for (int index = 0; index < 40; index++)
        {
            writer.Write(new RegistryEntry($"n{index}", writer.Counter + 1, 0, RegistrationPriority.Normal, default, default), 0);
            if (index % 3 == 2)
            {
                writer.Erase(writer.Counter - 1);
            }
        }

        WriterLog other = NewLog();
        int parts = 0;
        while (other.Counter < writer.Counter)
        {
            Delta part = writer.CutStep(other.Counter, 300)!;
            Assert.True(part.WireBytesMax <= 300);
            Assert.Equal(ApplyOutcome.Applied, Apply(other, part));
            Assert.Equal(part.To, other.Counter);
            Assert.Equal(Versions(writer).Where(version => version <= other.Counter), Versions(other));
            parts++;
        }

        Assert.InRange(parts, 5, 40);
        Assert.Null(writer.CutStep(0, 70));
    }

    [Fact]
    public void Whoever_passes_something_on_tells_it_as_the_writer_would()
    {
        WriterLog relay = NewLog();
        WriterLog last = NewLog();
        Write("a");
        Write("b");
        Apply(relay, _own.CutStep(0, Plenty));
        Apply(last, relay.CutStep(0, Plenty));
        Erase(1);
        Change("b", 2);
        Apply(relay, _own.CutStep(2, Plenty));
        Assert.True(relay.RemembersSince(2));
        Apply(last, relay.CutStep(2, Plenty));
        AssertSame(last);
    }

    [Theory]
    [InlineData(Plenty)]
    [InlineData(150)]
    public void A_receiver_behind_the_removals_that_are_remembered_is_swept(int bytesMax)
    {
        WriterLog other = NewLog();
        for (int index = 0; index < 12; index++)
        {
            Write($"n{index}");
        }

        Apply(other, _own.CutStep(0, Plenty));
        for (ulong victim = 2; victim < 10; victim++)
        {
            Erase(victim);
        }

        Write("later");
        Assert.False(_own.RemembersSince(other.Counter));
        ulong former = other.Counter;
        bool named = false;
        while (other.Counter < _own.Counter)
        {
            Delta part = _own.CutSweep(other.Cursor, other.Counter, bytesMax)!;
            named |= part.Live.Any(entry => entry.Version <= former);
            Assert.Equal(ApplyOutcome.Applied, Apply(other, part));
        }

        Assert.False(named, "what the receiver knows travels by number only");
        AssertSame(other);
        Assert.Equal((0ul, 0ul), (other.Cursor, other.SweepAsOf));
        Assert.False(other.RemembersSince(former)); // It does not know which versions removed what.
    }

    [Fact]
    public void Parts_of_a_sweep_from_several_nodes_lead_to_the_least_of_what_these_know()
    {
        WriterLog older = NewLog();
        WriterLog other = NewLog();
        for (int index = 0; index < 12; index++)
        {
            Write($"n{index}");
        }

        Apply(other, _own.CutStep(0, Plenty));
        for (ulong victim = 1; victim < 7; victim++)
        {
            Erase(victim);
        }

        Apply(older, _own.CutSweep(0, 0, Plenty));
        Erase(8); // After what the older one knows.
        Erase(12);
        Delta begin = older.CutSweep(0, other.Counter, 66)!; // Room for two kept versions.
        Assert.Equal([7ul, 8ul], begin.Kept);
        Apply(other, begin);
        Apply(other, _own.CutSweep(other.Cursor, other.Counter, Plenty));
        Assert.Equal(older.Counter, other.Counter);
        Assert.Contains(other.Entries, static entry => entry.Version == 8);
        Apply(other, _own.CutStep(other.Counter, Plenty));
        AssertSame(other);
    }

    [Fact]
    public void A_sweep_whose_middle_is_lost_goes_on_where_it_stands()
    {
        WriterLog other = NewLog();
        for (int index = 0; index < 30; index++)
        {
            Write($"n{index}");
        }

        Delta first = _own.CutSweep(0, 0, 400)!;
        Delta second = _own.CutSweep(first.To, 0, 400)!;
        Delta third = _own.CutSweep(second.To, 0, 400)!;
        Apply(other, first);
        Assert.Equal(ApplyOutcome.Gap, Apply(other, third));
        Assert.Equal(first.To, other.Cursor);
        Apply(other, second);
        Apply(other, third);
        Assert.Equal(third.To, other.Counter);
    }

    [Fact]
    public void A_sweep_may_not_keep_what_its_receiver_was_never_told()
    {
        WriterLog other = NewLog();
        Write("a");
        Assert.Equal(ApplyOutcome.Gap, Apply(other, _own.CutSweep(0, 1, Plenty)));
        Assert.Equal(0ul, other.Counter);
    }

    [Fact]
    public void Entries_without_room_leave_the_counter_where_it_is()
    {
        var room = new RegistryRoom(new RegistryLimits { EntriesPerNodeMax = 1, EntriesMax = 1 });
        WriterLog other = NewLog();
        Write("a");
        Delta first = _own.CutStep(0, Plenty)!;
        Write("b");
        Delta second = _own.CutStep(1, Plenty)!;
        Assert.Equal(ApplyOutcome.Applied, other.Apply(first, room, _changes));
        Assert.Equal(ApplyOutcome.Full, other.Apply(second, room, _changes));
        Assert.Equal((1ul, 1, 1), (other.Counter, other.Entries.Count, room.Entries));
        Erase(1);
        Assert.Equal(ApplyOutcome.Applied, other.Apply(_own.CutStep(1, Plenty)!, room, _changes));
        AssertSame(other);
    }

    private static WriterLog NewLog(RegistryLimits? limits = null) => new(s_writer, limits ?? s_limits, RegistryFlaws.None);

    private static IEnumerable<ulong> Versions(WriterLog log) => log.Entries.Select(static entry => entry.Version);

    private void Write(string name) => _own.Write(new RegistryEntry(name, _own.Counter + 1, 0, RegistrationPriority.Normal, default, default), 0);

    private void Change(string name, ulong former) => _own.Write(new RegistryEntry(name, _own.Counter + 1, 0, RegistrationPriority.Normal, new byte[1], default), former);

    private void Erase(ulong victim) => _own.Erase(victim);

    private ApplyOutcome Apply(WriterLog log, Delta? delta)
    {
        _changes.Clear();
        return log.Apply(delta!, _room, _changes);
    }

    private void AssertSame(WriterLog other)
    {
        Assert.Equal(_own.Counter, other.Counter);
        Assert.Equal(_own.Entries.Select(static entry => entry.ToString()), other.Entries.Select(static entry => entry.ToString()));
    }
}
