global using FakeTime = Kameo.Actors.Testing.TestTime;
