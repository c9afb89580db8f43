/**
 * The commonest passwords of twelve characters and more, and words that are made longer with digits at their
 * end; lower case, without punctuation. Shorter ones are refused by their length.
 */
export const commonPasswords: ReadonlySet<string> = new Set(
  `
  000000000000 012345678901 111111111111 112233445566 121212121212 123123123123 123321123321 123456123456
  123456654321 123456789000 123456789012 1234567890123 12345678901234 123456789123 123456789abc 1234567890abc
  1234567890qwe 1234567890qwerty 1234qwerasdf 1234qwerasdfzxcv 147258369147 1q2w3e4r5t6y 1q2w3e4r5t6y7u
  1q2w3e4r5t6y7u8i 1qaz2wsx3edc 1qaz2wsx3edc4rfv 1qazxsw23edc 987654321000 9876543210123 987654321987
  a1b2c3d4e5f6 aaaaaaaaaaaa abc123abc123 abc123456789 abcd12345678 abcdef123456 abcdefghijkl abcdefghijklm
  administrator administrators adminadminadmin adminpassword asdfasdfasdf asdfghjkl asdfghjklqwerty
  baseballbaseball changeme changemechangeme changemenow changemeplease changethispassword chelseafootball
  computer computercomputer correcthorsebatterystaple defaultpassword deploymentserver dragondragon
  enterpassword footballfootball iloveyou iloveyouforever iloveyousomuch iloveyoutoo juventusforever
  letmein letmeinletmein letmeinplease liverpoolfc manchesterunited metalwright metalwrightadmin
  microsoft microsoftwindows monkeymonkey mypassword mypasswordis mysecretpassword newpassword nopassword
  onetwothreefour p4ssw0rd p4ssw0rdp4ssw0rd passw0rd passw0rdpassw0rd password passwordadmin passwordpassword
  passwort passwortpasswort pa55word pa55w0rd princessprincess q1w2e3r4t5y6 q1w2e3r4t5y6u7 qazwsxedcrfv
  qazwsxedcrfvtgb qweasdzxc qweasdzxc123 qweqweqweqwe qwerty qwertyasdfgh qwertyqwerty qwertyuiop
  qwertyuiopasdf qwertyuiopasdfghjkl qwertyuiopasdfghjklzxcvbnm qwertyuiop1234567890 rootrootroot secretpassword
  secretsecret startrekstartrek starwarsstarwars sunshinesunshine superman supermansuperman systemadministrator
  systemcenter taskandsequence tasksequence temppassword temporarypassword testpassword testtesttest
  thisisapassword thisismypassword trustno1trustno1 unbelievable welcome welcomeback welcometothejungle
  welcomewelcome whateverwhatever windows windowsserver zaq12wsxcde34rfv zaq12wsxzaq12wsx zxcvbnm zxcvbnmasdfghjkl
  sommer winter herbst fruehling summer spring autumn
  `
    .trim()
    .split(/\s+/),
);
